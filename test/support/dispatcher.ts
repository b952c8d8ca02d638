/* A process that delivers a registry's outbox, for tests that kill it. Its secret comes by the environment. */
import { deliverOutbox, openRegistry } from '../../core/registry/index.ts'

const [location = '', url = ''] = process.argv.slice(2)
await using registry = await openRegistry(location)
await deliverOutbox(registry, {
  url,
  secret: process.env.TEST_SECRET ?? '',
  signal: new AbortController().signal,
})
