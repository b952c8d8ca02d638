import { join } from 'node:path'
import { packageModule } from '../cli/package-file.ts'
import { openRegistry, type Registry } from '../core/registry/index.ts'
import { digestFolder } from '../core/storage/digest.ts'
import { sealHeadlines } from '../test/support/models.ts'
import { tempFolder } from '../test/support/temp.ts'
import { localTarget, reconcile, type Target } from '../webhook/index.ts'
import { type Row, summarise } from './figures.ts'
import { startLoad } from './load.ts'
import { cleanEnvironment, repeatedly } from './measure.ts'

const MODELS = 1000
const ROUNDS = 5
const SWAPS = 10
const CONNECTIONS = 10
const BODY = JSON.stringify({ text: 'Striker wins the cup' })
const HEADERS = { 'content-type': 'application/json' }

/** What the deployer costs where nothing is to do, and how soon a moved alias is heard on the local target. */
export async function* cases(): AsyncGenerator<Row> {
  await using folder = await tempFolder()
  const versions = [join(folder.path, 'one'), join(folder.path, 'two')] as const
  await sealHeadlines(versions[0], undefined, 1)
  await sealHeadlines(versions[1], undefined, 2)
  await using registry = await openRegistry(join(folder.path, 'many'))
  yield* idleCases(registry, versions[0])
  await using own = await openRegistry(join(folder.path, 'one-model'))
  yield* aliasCases(own, versions)
}

/** A pass over models that are all as they should be. The target is in memory: what is measured is the deployer. */
async function* idleCases(registry: Registry, files: string): AsyncGenerator<Row> {
  const digest = await digestFolder(files)
  for (let i = 0; i < MODELS; i++) {
    const { version } = await registry.registerVersion({ name: `model-${i}`, folder: files, digest })
    await registry.setAlias(version.name, 'champion', version.version)
  }
  const served = { versions: ['1'], traffic: { 1: 100 } }
  const models = Object.fromEntries(Array.from({ length: MODELS }, (_, i) => [`model-${i}`, served]))
  const target: Target = {
    name: 'memory',
    can: { canary: true, shadow: true, measure: [] },
    observe: async () => ({ models }),
    apply: () => Promise.reject(new Error('there is nothing to apply')),
    ask: async () => [],
  }
  let calls = 0
  const counted = <T extends object>(whole: T): T =>
    new Proxy(whole, {
      get(object, key) {
        const value = Reflect.get(object, key)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          calls += 1
          return value.apply(object, args)
        }
      },
    })
  const passes = await repeatedly(ROUNDS, async () => {
    calls = 0
    const begun = performance.now()
    const { failures } = await reconcile({ registry: counted(registry), target: counted(target) })
    if (failures[0] !== undefined) throw failures[0].error
    return { milliseconds: performance.now() - begun, calls }
  })
  const title = `reconcile, ${MODELS.toLocaleString('en')} models with nothing to do`
  const times = passes.map(({ milliseconds }) => milliseconds)
  yield summarise({ case: title, unit: 'ms', ours: times, goal: { atMost: 1000 } })
  const counts = passes.map(pass => pass.calls)
  yield summarise({ case: `${title}: calls`, unit: 'calls', ours: counts, goal: { atMost: 20 } })
}

/** An alias is moved to and fro while clients ask; a request that fails ends the benchmark. */
async function* aliasCases(registry: Registry, folders: readonly string[]): AsyncGenerator<Row> {
  for (const folder of folders) {
    await registry.registerVersion({ name: 'news', folder, digest: await digestFolder(folder) })
  }
  await registry.setAlias('news', 'champion', '1')
  await using target = localTarget({
    main: packageModule('serving/main'),
    args: ['--port', '0'],
    env: cleanEnvironment(),
  })
  await reconcile({ registry, target })
  const { url } = await target.start()
  const answers = async (version: string) => {
    const response = await fetch(`${url}/predict`, { method: 'POST', headers: HEADERS, body: BODY })
    return ((await response.json()) as { model_version: string }).model_version === version
  }
  let next = 1
  const swap = async () => {
    next = 3 - next
    const begun = performance.now()
    await registry.setAlias('news', 'champion', String(next))
    const pass = reconcile({ registry, target })
    while (!(await answers(String(next)))) {}
    const heard = performance.now() - begun
    const { failures } = await pass
    if (failures[0] !== undefined) throw failures[0].error
    return heard
  }
  using load = startLoad()
  const seconds = 8
  const sent = load.send({
    url: `${url}/predict`,
    requests: [{ headers: HEADERS, body: BODY }],
    connections: CONNECTIONS,
    pace: { seconds },
  })
  const times = await repeatedly(SWAPS, swap)
  // Rejects when an answer was no 2xx or did not come.
  const { perSecond } = await sent
  yield summarise({
    case: 'alias to first answer, local target under load',
    unit: 'ms',
    ours: times,
    goal: { atMost: 300 },
  })
  yield summarise({ case: 'requests meanwhile, none failed', unit: '/s', ours: [perSecond] })
}
