import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type Goal, type Row, summarise } from '../figures.ts'
import { type Command, inTurns } from '../measure.ts'
import { type Answer, Contender } from './contender.ts'
import { compiled } from './setup.ts'

const MEBIBYTE = 2 ** 20

interface Case {
  readonly name: string
  readonly work: string
  readonly rounds: number
  /** How many times ours is to fit into the peer's time. */
  readonly goal: number
}

const CASES: readonly Case[] = [
  { name: 'fit-transform, words', work: 'fit words', rounds: 7, goal: 10 },
  { name: 'transform, words', work: 'transform words', rounds: 7, goal: 7 },
  { name: 'fit-transform, words and characters', work: 'fit union', rounds: 3, goal: 10 },
  { name: 'transform, words and characters', work: 'transform union', rounds: 2, goal: 7 },
]

/**
 * Vectorising AG News: ours beside scikit-learn's. Goals are held against the time by the clock, which a busy machine adds to; the
 * processor's time beside it says how much (ours counts the threads that compile and collect garbage as well).
 */
export async function* textCases(corpus: string, python: string, folder: string): AsyncGenerator<Row> {
  const commands = {
    ours: { args: [await compiled('ours', folder), corpus] },
    peer: { program: python, args: [join(import.meta.dirname, 'peer.py'), corpus] },
  }
  for (const { name, work, rounds, goal } of CASES) {
    using ours = new Contender('ours', commands.ours)
    using peer = new Contender('scikit-learn', commands.peer)
    const answers = await inTurns(
      rounds,
      () => ours.ask(work),
      () => peer.ask(work),
    )
    assert.deepEqual(answers.ours[0]!.result, answers.peer[0]!.result, `${name}: the results differ`)
    const wall = ({ wall }: Answer) => wall
    const cpu = ({ cpu }: Answer) => cpu
    yield versus(name, 'ms', answers.ours.map(wall), answers.peer.map(wall), goal)
    const processor = { ours: answers.ours.map(cpu), peer: answers.peer.map(cpu) }
    yield summarise({ case: `${name}, processor`, unit: 'ms', ...processor })
  }
  for (const [work, name] of [
    ['fit words', 'memory, words'],
    ['fit union', 'memory, words and characters'],
  ] as const) {
    const peaks = await inTurns(
      work === 'fit words' ? 3 : 1,
      () => peakOf(commands.ours, work),
      () => peakOf(commands.peer, work),
    )
    yield versus(name, 'MB', peaks.ours, peaks.peer, 2)
  }
}

function versus(name: string, unit: string, ours: number[], peer: number[], times: number): Row {
  const goal: Goal = { atMost: Math.round(summarise({ case: name, unit, ours: peer }).ours / times) }
  return summarise({ case: name, unit, ours, peer, goal })
}

/** Megabytes of a process that reads the corpus and does the work once. */
async function peakOf(command: Command, work: string): Promise<number> {
  using contender = new Contender(work, command)
  return (await contender.ask(work)).peak / MEBIBYTE
}
