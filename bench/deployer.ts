import { once } from 'node:events'
import { packageModule } from '../cli/package-file.ts'
import { openRegistry } from '../core/registry/index.ts'
import type { ServiceReady } from '../core/service-protocol.ts'
import { stopSignal } from '../core/stop-signal.ts'
import { createDeployer, createReceiver, listen, localTarget } from '../webhook/index.ts'

/**
 * A deployer as `pressroom up` has it: receiver, reconciling passes, registry and a local service. Its arguments are the
 * registry and the webhook's secret. Says where it listens as core/service-protocol.ts has it.
 */
const [location = '', secret = ''] = process.argv.slice(2)

using stop = stopSignal()
await using registry = await openRegistry(location)
await using target = localTarget({ main: packageModule('serving/main'), args: ['--port', '0'] })
await using deployer = createDeployer({
  registry,
  target,
  report: event => {
    if (event.kind === 'failed') console.error(event.line)
  },
})
deployer.wake()
await deployer.settled()
await using server = await listen(createReceiver({ secrets: [secret], wake: () => deployer.wake() }))
process.send?.({ ready: { url: server.url } } satisfies ServiceReady)
const disconnected = once(process, 'disconnect')
if (!stop.signal.aborted) await Promise.race([once(stop.signal, 'abort'), disconnected])
if (process.connected) process.disconnect()
