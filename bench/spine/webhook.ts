import { randomUUID } from 'node:crypto'
import { packageFile } from '../../cli/package-file.ts'
import { formatEvent } from '../../core/registry/event-body.ts'
import { signEvent } from '../../core/registry/index.ts'
import { startService } from '../../webhook/targets/service-process.ts'
import { type Row, summarise } from '../figures.ts'
import { type LoadPlan, startLoad } from '../load.ts'
import { cleanEnvironment, repeatedly } from '../measure.ts'
import { type Champion, championOf } from './champion.ts'

const ROUNDS = 3
const SECONDS = 3
const CONNECTIONS = 10
const PACE = 1000
const SECRET = 'a secret of the benchmark'

/** Signed events at a steady pace, acknowledged by a deployer that reconciles a real registry and service meanwhile. */
export async function* webhookCases(registry: string): AsyncGenerator<Row> {
  const champion = await championOf(registry)
  await using deployer = await startService({
    main: packageFile('bench/deployer.ts'),
    args: [registry, SECRET],
    env: cleanEnvironment(),
    onOutput: line => console.error(line),
  })
  using load = startLoad()
  const results = await repeatedly(ROUNDS, () => {
    return load.send({
      url: `${deployer.url}/webhook`,
      requests: Array.from({ length: PACE * SECONDS }, () => signedEvent(champion)),
      connections: CONNECTIONS,
      pace: { perSecond: PACE },
    })
  })
  const title = `webhook, ${PACE.toLocaleString('en')} signed events/s`
  for (const [what, unit, key] of [
    ['acknowledged', '/s', 'perSecond'],
    ['p50', 'ms', 'p50'],
    ['p99', 'ms', 'p99'],
  ] as const) {
    yield summarise({ case: `${title}: ${what}`, unit, ours: results.map(result => result[key]) })
  }
}

/** A delivery of its own: one that repeats an id would be answered without work. */
function signedEvent({ name, version }: Champion): LoadPlan['requests'][number] {
  const now = Date.now()
  const body = formatEvent('model_version_alias.created', { name, alias: 'champion', version }, now)
  const delivery = { deliveryId: randomUUID(), timestamp: Math.floor(now / 1000), body }
  return { headers: { 'content-type': 'application/json', ...signEvent(delivery, SECRET) }, body }
}
