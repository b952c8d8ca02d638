import assert from 'node:assert/strict'
import { join } from 'node:path'
import { PressroomError } from '../../core/errors.ts'
import { median, type Row, summarise } from '../figures.ts'
import { inTurns } from '../measure.ts'
import { type Answer, Contender } from './contender.ts'
import { findCorpus, findPeer } from './setup.ts'

const GOAL = 12
/** A search of the peer takes most of a minute. */
const ROUNDS = 2
/** Which of equally frequent n-grams max_features keeps hangs on the peer's processor, and solvers stop at tolerances of their own. */
const SAME_ACCURACY = 2e-3

/**
 * A grid of 25 fits over a pipeline, five values of C on five folds of AG News with seed 002's features, beside scikit-learn's
 * GridSearchCV over a Pipeline: on one thread each, then on all cores each.
 */
export async function* cases(): AsyncGenerator<Row> {
  const corpus = findCorpus()
  if (corpus === undefined) throw new PressroomError('file-not-found', 'AG News is not beside the project')
  const found = await findPeer()
  if ('reason' in found) throw new PressroomError('package-missing', found.reason)
  for (const [work, name] of [
    ['one', '25-fit grid, one thread'],
    ['all', '25-fit grid, all cores'],
  ] as const) {
    using ours = new Contender('ours', { args: [join(import.meta.dirname, 'ours-search.ts'), corpus] })
    using peer = new Contender('scikit-learn', {
      program: found.python,
      args: [join(import.meta.dirname, 'peer_search.py'), corpus],
    })
    const answers = await inTurns(
      ROUNDS,
      () => ours.ask(work),
      () => peer.ask(work),
    )
    for (const [i, accuracy] of answers.ours[0]!.result.entries()) {
      const theirs = answers.peer[0]!.result[i]!
      assert.ok(Math.abs(accuracy - theirs) < SAME_ACCURACY, `${name}: ${accuracy} is not ${theirs}`)
    }
    yield versus(name, answers, ({ wall }) => wall, GOAL)
    yield versus(`${name}, processor`, answers, ({ cpu }) => cpu)
  }
}

type Answers = { readonly ours: readonly Answer[]; readonly peer: readonly Answer[] }

function versus(name: string, answers: Answers, of: (answer: Answer) => number, times?: number): Row {
  const [ours, peer] = [answers.ours, answers.peer].map(side => side.map(answer => of(answer) / 1000)) as [
    number[],
    number[],
  ]
  const goal = times === undefined ? {} : { goal: { atMost: Number((median(peer) / times).toPrecision(3)) } }
  return summarise({ case: name, unit: 's', ours, peer, ...goal })
}
