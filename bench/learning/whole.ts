import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { median, type Row, summarise } from '../figures.ts'
import { type Command, cleanEnvironment, inTurns, peakMegabytes, timeProcess } from '../measure.ts'
import { compiled } from './setup.ts'

const exec = promisify(execFile)
const ROUNDS = 7
/** How many times ours is to fit into the peer's time; the aim is 10. */
const TIMES = 6
/** Which of equally frequent n-grams max_features keeps hangs on the peer's processor. */
const SAME_ACCURACY = 1e-3
/**
 * Node's own option, in MiB: what lives long here are numbers in arrays outside of V8's heap, so that a young generation of 16 MiB only
 * keeps garbage. It helps a process that does nothing but learn.
 */
const SMALL_YOUNG_GENERATION = '--max-semi-space-size=1'
const ONE_THREAD = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' }

/** Whole processes, from AG News as CSV to the accuracy of a logistic regression with seed 002's settings, beside scikit-learn. */
export async function* wholeCases(corpus: string, python: string, folder: string): AsyncGenerator<Row> {
  const file = await compiled('whole-ours', folder)
  const script = join(import.meta.dirname, 'whole_peer.py')
  const peer: Command = { program: python, args: [script, corpus], env: ONE_THREAD }
  for (const options of [[], [SMALL_YOUNG_GENERATION]]) {
    const name = ['whole process', ...options].join(' ')
    yield* wholeProcess(name, { args: [...options, file, corpus] }, peer)
  }
}

async function* wholeProcess(name: string, ours: Command, peer: Command): AsyncGenerator<Row> {
  const [own, other] = await Promise.all([ours, peer].map(accuracyOf))
  assert.ok(Math.abs(own! - other!) < SAME_ACCURACY, `the accuracies differ: ${own} and ${other}`)
  const times = await inTurns(
    ROUNDS,
    () => timeProcess(ours),
    () => timeProcess(peer),
  )
  const goal = { atMost: Math.round(median(times.peer) / TIMES) }
  yield summarise({ case: `${name}, CSV to tested model`, unit: 'ms', ...times, goal })
  const peaks = await inTurns(
    3,
    () => peakMegabytes(ours),
    () => peakMegabytes(peer),
  )
  const half = { atMost: Math.round(median(peaks.peer) / 2) }
  yield summarise({ case: `${name}, memory`, unit: 'MB', ...peaks, goal: half })
}

async function accuracyOf({ program = process.execPath, args, env }: Command): Promise<number> {
  const { stdout } = await exec(program, args, { env: { ...cleanEnvironment(), ...env } })
  return Number(stdout)
}
