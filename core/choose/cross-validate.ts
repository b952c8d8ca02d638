import { setImmediate } from 'node:timers/promises'
import { PressroomError } from '../errors.ts'
import type { Candidate } from './candidate.ts'
import { drain } from './drain.ts'
import type { Failure, FeaturesJob, FitJob, FoldScore, Matrices } from './jobs.ts'
import type { FitsKeeper, FitsPlace } from './kept-fits.ts'
import { type Group, planGroups } from './plan.ts'
import type { Pool } from './pool.ts'

/** How a candidate did: a score a fold, or why it has none. */
export interface Trial {
  readonly candidate: Candidate
  readonly folds: readonly FoldScore[]
  /** Milliseconds that making the features took on each fold; candidates with the same features share them. */
  readonly featureMilliseconds: readonly number[]
  /** Of the first fold that failed. */
  readonly failure: Failure | undefined
}

export interface CrossValidation {
  readonly folds: number
  /** Of the rows that each fold trains on. */
  readonly share: number
  readonly signal?: AbortSignal | undefined
  /** After each fit: how many are done, of how many, and which the last was. */
  readonly onFit?: ((done: number, of: number, candidate: Candidate) => void) | undefined
  /** Where scores that were fitted before come from, and those that are fitted now go. */
  readonly keeper?: FitsKeeper | undefined
}

/**
 * Fits each candidate on every fold and scores it on the rows held out. Features are made once a fold for all candidates that
 * share them, always from the fold's training rows alone. The scores are the same however many threads the pool has.
 *
 * @returns a trial a candidate, in their order
 * @throws PressroomError `cancelled` when the signal aborts; `not-enough-memory`
 */
export async function crossValidate(
  pool: Pool,
  candidates: readonly Candidate[],
  { folds, share, signal, onFit, keeper }: CrossValidation,
): Promise<Trial[]> {
  const scores = candidates.map(() => new Map<number, FoldScore | { failure: Failure }>())
  const times = candidates.map(() => [] as number[])
  const total = candidates.length * folds
  let done = 0
  const record = (i: number, fold: number, outcome: FoldScore | { failure: Failure }) => {
    scores[i]!.set(fold, outcome)
    onFit?.(++done, total, candidates[i]!)
  }
  const placeOf = (chain: readonly number[], fold: number): FitsPlace => ({
    share,
    fold,
    candidates: chain.map(i => candidates[i]!.name),
  })
  const isKept = (chain: readonly number[], fold: number) => {
    const kept = keeper?.find(placeOf(chain, fold))
    if (kept === undefined) return false
    for (const [at, i] of chain.entries()) {
      scores[i]!.set(fold, kept.scores[at]!)
      times[i]![fold] = kept.featureMilliseconds
    }
    done += chain.length
    return true
  }
  const groups = planGroups(candidates)
  const first = Array.from({ length: folds }, (_, fold) =>
    groups.flatMap((group): Piece[] => {
      const chains = group.chains.filter(chain => !isKept(chain, fold))
      return chains.length === 0 ? [] : [{ group: { ...group, chains }, fold }]
    }),
  ).flat()
  await drain<Piece>(first, pool.size, async piece => {
    // On the calling thread, this is where a signal gets through between two fits.
    await setImmediate()
    if (signal?.aborted) throw new PressroomError('cancelled', 'the search was cancelled')
    const { fold, group } = piece
    if (piece.chain === undefined) {
      const job: FeaturesJob = { kind: 'features', fold, share, settings: group.settings }
      const made = await pool.run(job)
      if ('failure' in made) {
        for (const i of group.chains.flat()) record(i, fold, made)
        return []
      }
      for (const i of group.chains.flat()) times[i]![fold] = made.milliseconds
      return group.chains.map(chain => ({ group, fold, chain, matrices: made.matrices }))
    }
    const { chain, matrices } = piece
    const job: FitJob = { kind: 'fit', fold, share, matrices, chain: chain.map(i => candidates[i]!.learner) }
    const fitted = await pool.run(job)
    if (!('failure' in fitted)) {
      const featureMilliseconds = times[chain[0]!]![fold]!
      keeper?.keep({ ...placeOf(chain, fold), scores: fitted.scores, featureMilliseconds })
    }
    for (const [at, i] of chain.entries()) record(i, fold, 'failure' in fitted ? fitted : fitted.scores[at]!)
    return []
  })
  return candidates.map((candidate, i) => {
    const outcomes = Array.from({ length: folds }, (_, fold) => scores[i]!.get(fold)!)
    const failed = outcomes.find(outcome => 'failure' in outcome)
    return {
      candidate,
      folds: failed === undefined ? (outcomes as FoldScore[]) : [],
      featureMilliseconds: times[i]!,
      failure: failed?.failure,
    }
  })
}

/** A fold's features to make, or a chain of learners to fit on them. */
type Piece = { readonly group: Group; readonly fold: number } & (
  | { readonly chain?: undefined }
  | { readonly chain: readonly number[]; readonly matrices: Matrices }
)
