import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type Goal, type Row, summarise } from '../figures.ts'
import { type Command, inTurns } from '../measure.ts'
import { type Answer, Contender } from './contender.ts'

const MEBIBYTE = 2 ** 20

interface Case {
  readonly name: string
  readonly work: string
  readonly rounds: number
  /** How many times the peer's processor time ours may fit into. */
  readonly goal: number
}

const CASES: readonly Case[] = [
  { name: 'fit-transform, words', work: 'fit words', rounds: 7, goal: 10 },
  { name: 'transform, words', work: 'transform words', rounds: 7, goal: 7 },
  { name: 'fit-transform, words and characters', work: 'fit union', rounds: 3, goal: 10 },
  { name: 'transform, words and characters', work: 'transform union', rounds: 2, goal: 7 },
]

/** Vectorising AG News: ours beside scikit-learn's, by processor time, since that is what a busy machine does not change. */
export async function* textCases(corpus: string, python: string): AsyncGenerator<Row> {
  const commands = {
    ours: { args: [join(import.meta.dirname, 'ours.ts'), corpus] },
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
    const cpu = ({ cpu }: Answer) => cpu
    yield versus(name, 'ms of processor', answers.ours.map(cpu), answers.peer.map(cpu), goal)
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
