import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageFile } from '../cli/package-file.ts'
import { tempFolder } from '../test/support/temp.ts'
import { type Row, summarise } from './figures.ts'
import { type Command, peakMemory, repeatedly, timeProcess } from './measure.ts'

const ROUNDS = 5
const CHAIN = 500
const MEBIBYTE = 2 ** 20
/** Issue 4: what the local runner may take for a task beside the task itself. Kubeflow's runner in Docker takes ten times that. */
const OVERHEAD_GOAL = { atMost: 20 } as const

/** `pressroom run` with stages that do nothing: what a task costs, one after another and in long loops. */
export async function* cases(): AsyncGenerator<Row> {
  await using folder = await tempFolder()
  yield* chains(folder.path)
  yield* loop(folder.path, 1000)
  yield* loop(folder.path, 5000)
}

/** Whole processes of 1 and of 201 tasks, so that their difference is that of 200 tasks. */
async function* chains(folder: string): AsyncGenerator<Row> {
  const [one, many] = [await chain(folder, 1), await chain(folder, CHAIN + 1)]
  const overhead = (begin: () => Command) => async () => {
    const short = await timeProcess(one.fresh())
    return ((await timeProcess(begin())) - short) / CHAIN
  }
  const unit = 'ms'
  yield summarise({
    case: 'a run of one task',
    unit,
    ours: await repeatedly(ROUNDS, () => timeProcess(one.fresh())),
  })
  yield summarise({
    case: `a chain of ${CHAIN}: a task`,
    unit,
    ours: await repeatedly(ROUNDS, overhead(many.fresh)),
    goal: OVERHEAD_GOAL,
  })
  yield summarise({
    case: `a chain of ${CHAIN}, from the cache: a task`,
    unit,
    ours: await repeatedly(ROUNDS, overhead(many.again)),
    goal: OVERHEAD_GOAL,
  })
}

async function* loop(folder: string, count: number): AsyncGenerator<Row> {
  const items = `Array.from({ length: ${count} }, (_, i) => i)`
  const name = `a loop of ${count.toLocaleString('en')}`
  const { fresh } = await define(folder, `loop-${count}`, `  each(${items}, count => void step({ count }))`)
  const times = await repeatedly(2, () => timeProcess(fresh()))
  yield summarise({ case: name, unit: 's', ours: times.map(time => time / 1000) })
  yield summarise({
    case: `${name}: a task`,
    unit: 'ms',
    ours: times.map(time => time / count),
    goal: OVERHEAD_GOAL,
  })
  const memory = await peakMemory(fresh())
  if (memory === undefined) return
  yield summarise({ case: `${name}, largest process`, unit: 'MB', ours: [memory.largest / MEBIBYTE] })
  yield summarise({ case: `${name}, all processes`, unit: 'MB', ours: [memory.together / MEBIBYTE] })
}

function chain(folder: string, count: number) {
  return define(
    folder,
    `chain-${count}`,
    `  let last = step({ count: 0 })
  for (let i = 1; i < ${count}; i++) last = step({ count: last.next })`,
  )
}

/** A pipeline of the stage, as commands that run it: in a home of its own each time, or in one where all of it is kept. */
async function define(folder: string, name: string, body: string) {
  const [file, stages] = [join(folder, `${name}.ts`), packageFile('bench/runner/stages.ts')]
  await writeFile(
    file,
    `import { each, pipeline } from ${JSON.stringify(packageFile('pipelines/index.ts'))}
import { step } from ${JSON.stringify(stages)}
void each
export default pipeline({ name: '${name}' }, () => {
${body}
})
`,
  )
  const command = (home: string): Command => ({
    args: [packageFile('bin/pressroom.js'), 'run', file, '--stages', stages, '--home', join(folder, home)],
    cwd: folder,
  })
  return { fresh: () => command(randomUUID()), again: () => command(`kept-${name}`) }
}
