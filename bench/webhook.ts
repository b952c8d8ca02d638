import { join } from 'node:path'
import { build } from 'esbuild'
import { packageFile } from '../cli/package-file.ts'
import { openRegistry } from '../core/registry/index.ts'
import { digestFolder } from '../core/storage/digest.ts'
import { pythonWith } from '../test/interop/python.ts'
import { sealHeadlines } from '../test/support/models.ts'
import { tempFolder } from '../test/support/temp.ts'
import { IMAGE_BUNDLE } from '../tools/bundle.ts'
import { type Goal, type Row, summarise } from './figures.ts'
import { type LoadResult, startLoad } from './load.ts'
import { inTurns, repeatedly } from './measure.ts'
import { signedEvent } from './webhook/events.ts'
import { fastapi, ours, type ReceiverProgram, startReceiver } from './webhook/receivers.ts'

const STARTS = 7
const ROUNDS = 5
const SECONDS = 4
const CONNECTIONS = 10
/** The floor and the aim of the project. */
const PACES: readonly { readonly perSecond: number; readonly goal: Goal }[] = [
  { perSecond: 1000, goal: { atMost: 10 } },
  { perSecond: 2000, goal: { atMost: 5 } },
]

interface Acknowledged extends LoadResult {
  /** Microseconds of processor time an event: unlike the times beside it, it does not depend on who else works on the machine. */
  readonly processor: number
}

/**
 * Acknowledging signed events: the deployer, which looks at a registry and a service meanwhile, beside a receiver written with FastAPI
 * that makes the same checks and has nothing behind it. Each has one core; the load comes from a process of its own, and its clock
 * waits for no answer.
 */
export async function* cases(): AsyncGenerator<Row> {
  const found = await pythonWith('fastapi', ['fastapi==0.165.0', 'uvicorn[standard]==0.54.0'])
  if ('reason' in found) console.error(`without the peer: ${found.reason}`)
  const peer = 'reason' in found ? undefined : fastapi(found.python)
  await using folder = await tempFolder()
  yield* startCases(await bundled(folder.path), peer)
  yield* paceCases(await registryWithChampion(folder.path), peer)
}

async function* startCases(script: string, peer: ReceiverProgram | undefined): AsyncGenerator<Row> {
  // What it opens after its first answer is not measured; throttled, it opens nothing.
  const program = ours(script, {
    PRESSROOM_THROTTLED: 'true',
    PRESSROOM_OPERATOR_TOKEN: 'token-of-the-benchmark',
  })
  const results = await beside(STARTS, program, peer, started)
  yield summarise({
    case: 'cold start of the bundle to the first 202',
    unit: 'ms',
    ...results,
    goal: { atMost: 500 },
  })
}

async function started(program: ReceiverProgram): Promise<number> {
  await using receiver = await startReceiver(program)
  return receiver.firstAnswer
}

async function* paceCases(registry: string, peer: ReceiverProgram | undefined): AsyncGenerator<Row> {
  const program = ours(packageFile('bin/pressroom.js'), {}, ['deployer', '--registry', registry])
  using load = startLoad()
  for (const { perSecond, goal } of PACES) {
    const measure = async (each: ReceiverProgram): Promise<Acknowledged> => {
      await using receiver = await startReceiver(each)
      const plan = (seconds: number) => ({
        url: receiver.url,
        requests: Array.from({ length: perSecond * seconds }, () => signedEvent()),
        connections: CONNECTIONS,
        pace: { perSecond },
      })
      // A server that runs for days is measured warm.
      await load.send(plan(1))
      const before = receiver.processorTime()
      const result = await load.send(plan(SECONDS))
      const spent = before === undefined ? Number.NaN : receiver.processorTime()! - before
      return { ...result, processor: (1000 * spent) / (perSecond * SECONDS) }
    }
    const results = await beside(ROUNDS, program, peer, measure)
    const pick = (key: keyof Acknowledged) => ({
      ours: results.ours.map(each => each[key]),
      ...(results.peer && { peer: results.peer.map(each => each[key]) }),
    })
    const title = `${perSecond.toLocaleString('en')} signed events/s`
    // An answer that is not a 2xx, or does not come, ends the bench.
    yield summarise({ case: `${title}: acknowledged, none lost`, unit: '/s', ...pick('perSecond') })
    yield summarise({ case: `${title}: p50`, unit: 'ms', ...pick('p50') })
    yield summarise({ case: `${title}: p99`, unit: 'ms', ...pick('p99'), goal })
    if (results.ours.some(({ processor }) => Number.isNaN(processor))) continue
    yield summarise({ case: `${title}: processor time an event`, unit: 'µs', ...pick('processor') })
  }
}

/** Ours and the peer in turns; ours alone where there is no peer. */
async function beside<T>(
  rounds: number,
  program: ReceiverProgram,
  peer: ReceiverProgram | undefined,
  measure: (program: ReceiverProgram) => Promise<T>,
): Promise<{ readonly ours: T[]; readonly peer?: T[] }> {
  if (peer === undefined) return { ours: await repeatedly(rounds, () => measure(program)) }
  return inTurns(
    rounds,
    () => measure(program),
    () => measure(peer),
  )
}

/** The deployer as its image has it. */
async function bundled(folder: string): Promise<string> {
  const outdir = join(folder, 'bundle')
  await build({
    ...IMAGE_BUNDLE,
    absWorkingDir: packageFile('.'),
    entryPoints: { deployer: 'webhook/main.ts' },
    outExtension: { '.js': '.mjs' },
    outdir,
  })
  return join(outdir, 'deployer.mjs')
}

async function registryWithChampion(folder: string): Promise<string> {
  const [location, model] = [join(folder, 'registry'), join(folder, 'model')]
  await sealHeadlines(model)
  await using registry = await openRegistry(location)
  const { version } = await registry.registerVersion({
    name: 'news',
    folder: model,
    digest: await digestFolder(model),
  })
  await registry.setAlias('news', 'champion', version.version)
  return location
}
