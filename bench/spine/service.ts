import { join } from 'node:path'
import { packageFile, packageModule } from '../../cli/package-file.ts'
import { type ServiceProcess, startService } from '../../webhook/targets/service-process.ts'
import { type Row, summarise } from '../figures.ts'
import { type LoadPlan, type LoadResult, startLoad } from '../load.ts'
import { cleanEnvironment, inTurns } from '../measure.ts'
import { championOf, newsTexts } from './champion.ts'

const STARTS = 9
const ROUNDS = 3
const SECONDS = 3
const CONNECTIONS = 10
const PACE = 1000

/** The service seed 002 has in mind: 1,000 predictions a second, and (there at p95) 100 ms at most. */
const LATENCY_GOAL = { atMost: 100 } as const
const THROUGHPUT_GOAL = { atLeast: 1000 } as const

/** The prediction service beside a bare node:http server that answers as many bytes of JSON to the same requests. */
export async function* serviceCases(registry: string): AsyncGenerator<Row> {
  const { name, version, folder } = await championOf(registry)
  const env = { ...cleanEnvironment(), NODE_COMPILE_CACHE: join(registry, '..', 'compiled') }
  const startOurs = () => {
    const args = ['--port', '0', `${name}@${version}=${folder}`]
    return startService({ main: packageModule('serving/main'), args, env })
  }
  const startPeer = (answer: string) => {
    return startService({ main: packageFile('bench/bare-server.ts'), args: [answer], env })
  }
  yield summarise({
    case: 'service: start until it listens',
    unit: 'ms',
    ...(await inTurns(
      STARTS,
      () => timeStart(startOurs),
      () => timeStart(() => startPeer('{}')),
    )),
  })

  const texts = await newsTexts()
  const requests = texts.map(text => ({
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text }),
  }))
  await using ours = await startOurs()
  const answer = await fetch(`${ours.url}/predict`, { method: 'POST', ...requests[0] })
  await using peer = await startPeer(await answer.text())
  using load = startLoad()
  const compare = (plan: Omit<LoadPlan, 'url' | 'connections'>) => {
    const send = ({ url }: ServiceProcess) => {
      return load.send({ ...plan, url: `${url}/predict`, connections: CONNECTIONS })
    }
    return inTurns(
      ROUNDS,
      () => send(ours),
      () => send(peer),
    )
  }
  const paced = Array.from({ length: PACE * SECONDS }, (_, i) => requests[i % requests.length]!)
  yield* latencyRows(
    `POST /predict, ${PACE.toLocaleString('en')}/s`,
    await compare({ requests: paced, pace: { perSecond: PACE } }),
  )
  const full = await compare({ requests, pace: { seconds: SECONDS } })
  const title = `POST /predict, ${CONNECTIONS} connections at full speed`
  yield summarise({
    case: `${title}: throughput`,
    unit: '/s',
    ours: full.ours.map(({ perSecond }) => perSecond),
    peer: full.peer.map(({ perSecond }) => perSecond),
    goal: THROUGHPUT_GOAL,
  })
  yield* latencyRows(title, full)
}

async function timeStart(start: () => Promise<AsyncDisposable>): Promise<number> {
  const begun = performance.now()
  await using _started = await start()
  return performance.now() - begun
}

function* latencyRows(title: string, { ours, peer }: Compared): Generator<Row> {
  for (const [key, goal] of [
    ['p50', undefined],
    ['p99', LATENCY_GOAL],
  ] as const) {
    yield summarise({
      case: `${title}: ${key}`,
      unit: 'ms',
      ours: ours.map(result => result[key]),
      peer: peer.map(result => result[key]),
      ...(goal && { goal }),
    })
  }
}

interface Compared {
  readonly ours: readonly LoadResult[]
  readonly peer: readonly LoadResult[]
}
