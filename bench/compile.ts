import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { packageFile } from '../cli/package-file.ts'
import { PressroomError } from '../core/errors.ts'
import { pythonWith } from '../test/interop/python.ts'
import { tempFolder } from '../test/support/temp.ts'
import { DEFINITIONS, type Definition, manyTasks } from './compile/definitions.ts'
import { type Goal, type Row, summarise } from './figures.ts'
import { type Command, inTurns, peakMegabytes, repeatedly, timeProcess } from './measure.ts'

const ROUNDS = 7

/**
 * From a definition to YAML on disk, whole processes: `pressroom compile` beside a Python program that compiles the same
 * pipeline with Kubeflow's SDK. Both must have written the same specification.
 */
export async function* cases(): AsyncGenerator<Row> {
  const found = await pythonWith('kfp', ['kfp==2.17.0', 'kfp-kubernetes==2.17.0'])
  if ('reason' in found) throw new PressroomError('package-missing', found.reason)
  await using folder = await tempFolder()
  for (const definition of DEFINITIONS) yield* beside(definition, folder.path, found.python)
  yield* alone(folder.path)
}

async function* beside(definition: Definition, folder: string, python: string): AsyncGenerator<Row> {
  const { name, goal } = definition
  const { command, out } = await write(definition, folder)
  const [script, expected] = [
    join(folder, `${definition.file}.py`),
    join(folder, `${definition.file}.peer.yaml`),
  ]
  await writeFile(script, definition.python(expected))
  const peerCommand = { program: python, args: [script], cwd: folder }
  const unit = 'ms'
  const { ours, peer } = await inTurns(
    ROUNDS,
    () => timeProcess(command),
    () => timeProcess(peerCommand),
  )
  await requireSame(out, expected)
  yield summarise({ case: name, unit, ours, peer, goal: { atMost: Math.round(middle(peer) / goal) } })
  const anew = { ...command, env: { NODE_DISABLE_COMPILE_CACHE: '1' } }
  const again = await inTurns(
    ROUNDS,
    () => timeProcess(anew),
    () => timeProcess(peerCommand),
  )
  yield summarise({ case: `${name}, compiled anew`, unit, ...again })
  const memory = await inTurns(
    3,
    () => peakMegabytes(command),
    () => peakMegabytes(peerCommand),
  )
  if (memory.ours.every(Number.isFinite)) yield summarise({ case: `${name}, memory`, unit: 'MB', ...memory })
}

async function* alone(folder: string): AsyncGenerator<Row> {
  const { command } = await write(manyTasks(10_000), folder)
  const goal: Goal = { atMost: 300 }
  yield summarise({ case: '10,000 tasks', unit: 'ms', ours: await repeatedly(3, () => timeProcess(command)) })
  const memory = await repeatedly(3, () => peakMegabytes(command))
  if (memory.every(Number.isFinite))
    yield summarise({ case: '10,000 tasks, memory', unit: 'MB', ours: memory, goal })
}

async function write(definition: Definition, folder: string): Promise<{ command: Command; out: string }> {
  const [source, out] = [join(folder, `${definition.file}.ts`), join(folder, `${definition.file}.yaml`)]
  await writeFile(source, definition.typescript(packageFile('pipelines/index.ts')))
  return {
    command: { args: [packageFile('bin/pressroom.js'), 'compile', source, '--out', out], cwd: folder },
    out,
  }
}

async function requireSame(ours: string, peer: string): Promise<void> {
  const [own, other] = await Promise.all([ours, peer].map(meaningOf))
  assert.deepEqual(own, other)
}

/** The specification without what says who wrote it, and without descriptions, which only our definitions have. */
async function meaningOf(file: string): Promise<unknown> {
  const text = JSON.stringify(load(await readFile(file, 'utf8')), (key, value) => {
    return key === 'description' || key === 'sdkVersion' ? undefined : value
  })
  return JSON.parse(text)
}

function middle(values: readonly number[]): number {
  return summarise({ case: '', unit: '', ours: values }).ours
}
