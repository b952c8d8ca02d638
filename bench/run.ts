import { cpus } from 'node:os'
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
  spine: {
    about: 'cold start, the whole run, its memory, the service, the webhook: about 100 s',
    load: () => import('./spine.ts'),
  },
}

const json = process.argv.includes('--json')
try {
  const bench = readArguments()
  if (bench === undefined) listBenches()
  else await measure(await bench.load())
} catch (thrown) {
  const error = asPressroomError(thrown)
  showError(error, { command: 'bench', debug: error.code === 'internal', json })
  process.exitCode = error.code === 'usage' ? 2 : 1
}

function readArguments() {
  const [name, ...more] = readPositionals()
  if (name === undefined) return undefined
  const names = Object.keys(BENCHES)
  const bench = names.includes(name) ? BENCHES[name] : undefined
  if (bench !== undefined && more.length === 0) return bench
  throw new PressroomError(
    'usage',
    bench === undefined ? `there is no bench "${name}"${suggest(name, names)}` : 'one bench at a time',
    { where: `it has: ${names.join(', ')}` },
  )
}

function readPositionals(): string[] {
  try {
    return parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true }).positionals
  } catch (cause) {
    throw new PressroomError('usage', (cause as Error).message, {
      fix: 'npm run bench -- NAME [--json]',
      cause,
    })
  }
}

function listBenches(): void {
  const rows = Object.entries(BENCHES).map(([name, { about }]) => [name, about])
  console.log(`npm run bench -- NAME [--json]\n\n${table(['name', 'what it measures'], rows)}`)
}

async function measure(bench: Bench): Promise<void> {
  const rows: Row[] = []
  for await (const row of bench.cases()) {
    if (json) console.log(JSON.stringify(row))
    else console.error(`measured: ${row.case}`)
    rows.push(row)
  }
  if (json) return
  const [cpu] = cpus()
  console.log(`\n${table(HEADINGS, rows.map(cellsOf))}`)
  console.log(
    `\n${cpus().length} cores, ${cpu?.model}; Node ${process.version}, ${process.platform} ${process.arch}`,
  )
}
