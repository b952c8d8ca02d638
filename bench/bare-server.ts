import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ServiceReady } from '../core/service-protocol.ts'

/**
 * The least a service can do: reads each request to its end and answers the JSON in its argument. Says where it listens as
 * core/service-protocol.ts has it.
 */
const [answer = ''] = process.argv.slice(2)

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(answer),
    })
    response.end(answer)
  })
})
await once(server.listen(0, '127.0.0.1'), 'listening')
const { port } = server.address() as AddressInfo
// In order, so that Node keeps what it compiled, as it does for the service.
for (const end of ['SIGTERM', 'disconnect']) process.on(end, () => process.exit())
process.send?.({ ready: { url: `http://127.0.0.1:${port}` } } satisfies ServiceReady)
