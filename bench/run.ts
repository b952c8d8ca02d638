import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { showError } from '../cli/output.ts'
import { table } from '../cli/table.ts'
import { asPressroomError, PressroomError } from '../core/errors.ts'
import { suggest } from '../core/nearest.ts'
import { cellsOf, HEADINGS, type Row } from './figures.ts'

/** A benchmark: each module beside this one that `BENCHES` lists. */
interface Bench {
  /** Measures case after case. */
  cases(): AsyncIterable<Row>
}

/** `npm run bench -- NAME [--json]`: a table, or with --json an object a line as soon as it is measured. */
const BENCHES: Readonly<Record<string, { readonly about: string; readonly load: () => Promise<Bench> }>> = {
  compile: {
    about: 'definitions to YAML, whole processes, beside the Python SDK: about 90 s',
    load: () => import('./compile.ts'),
  },
  deploying: {
    about: 'a pass over 1,000 models with nothing to do, alias to first answer under load: about 1 minute',
    load: () => import('./deploying.ts'),
  },
  engines: {
    about: 'a forest and a perceptron, asked by our own code and by ONNX Runtime: about 1 minute',
    load: () => import('./engines.ts'),
  },
  learning: {
    about: 'vectorising AG News beside scikit-learn, memory, scale: about 4 minutes',
    load: () => import('./learning.ts'),
  },
  'learning-models': {
    about: 'fits alone, with loss and memory, beside scikit-learn on AG News: about 3 min',
    load: () => import('./learning/models.ts'),
  },
  'learning-search': {
    about: 'a 25-fit grid over a pipeline beside GridSearchCV on AG News: about 6 minutes',
    load: () => import('./learning/search.ts'),
  },
  runner: {
    about: 'the local runner: what a task costs, one after another and in long loops: about 2 minutes',
    load: () => import('./runner.ts'),
  },
  spine: {
    about: 'cold start, the whole run, its memory, the service, the webhook: about 100 s',
    load: () => import('./spine.ts'),
  },
  webhook: {
    about: 'the deployer: cold start and acknowledgement, beside a FastAPI receiver: about 3 minutes',
    load: () => import('./webhook.ts'),
  },
}

const json = process.argv.includes('--json')
try {
  const names = readNames()
  if (names.length === 0) listBenches()
  else await measure(await findBench(names).load())
} catch (thrown) {
  const error = asPressroomError(thrown)
  showError(error, { command: 'bench', debug: error.code === 'internal', json })
  process.exitCode = error.code === 'usage' ? 2 : 1
}

function readNames(): string[] {
  try {
    return parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true }).positionals
  } catch (cause) {
    throw new PressroomError('usage', (cause as Error).message, {
      fix: 'npm run bench -- NAME [--json]',
      cause,
    })
  }
}

function findBench(names: readonly string[]) {
  const [name = ''] = names
  const known = Object.keys(BENCHES)
  const where = `it has: ${known.join(', ')}`
  if (names.length > 1) throw new PressroomError('usage', 'one bench at a time', { where })
  if (!known.includes(name))
    throw new PressroomError('usage', `there is no bench "${name}"${suggest(name, known)}`, { where })
  return BENCHES[name]!
}

function listBenches(): void {
  const rows = Object.entries(BENCHES).map(([name, { about }]) => [name, about])
  console.log(`npm run bench -- NAME [--json]\n\n${table(['name', 'what it measures'], rows)}`)
}

async function measure(bench: Bench): Promise<void> {
  const machine = describeMachine()
  const rows: Row[] = []
  for await (const row of bench.cases()) {
    if (json) console.log(JSON.stringify(row))
    else console.error(`measured: ${row.case}`)
    rows.push(row)
  }
  if (!json) console.log(`\n${table(HEADINGS, rows.map(cellsOf))}\n\n${machine}`)
}

/** Before the measurements load it themselves: what else runs there is the noise in them. */
function describeMachine(): string {
  const cores = cpus()
  const [load = 0] = loadavg()
  return [
    `${cores.length} cores, ${cores[0]?.model}; load ${load.toFixed(1)} before the first measurement`,
    `Node ${process.version}, ${process.platform} ${process.arch}`,
  ].join('\n')
}
