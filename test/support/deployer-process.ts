/*
 * A deployer to be killed: `node deployer-process.ts <service> [argument …]` starts the service, prints its URL, and waits.
 */
import { localTarget } from '../../webhook/index.ts'

const [main = '', ...args] = process.argv.slice(2)
const { url } = await localTarget({ main, args }).start()
process.stdout.write(`${url}\n`)
