import type { Learner } from '../learn/index.ts'
import type { FeatureSettingsInput } from '../text/index.ts'
import type { Trial } from './cross-validate.ts'
import type { Failure } from './jobs.ts'

/** What a search chooses by. */
export type Metric = 'accuracy' | 'macroF1'

/** A score over the folds. */
export interface Score {
  readonly mean: number
  /** The standard deviation of the folds' scores (of the population, as scikit-learn's `std_test_score`). */
  readonly spread: number
  readonly folds: readonly number[]
}

/** A candidate's line of a leaderboard, as plain data. */
export interface Entry {
  readonly name: string
  readonly features: FeatureSettingsInput
  readonly learner: Learner
  /** Of the training rows that it was fitted on; below 1 when successive halving left it behind. */
  readonly share: number
  /** Absent when it failed. */
  readonly result?: Result
  readonly failure?: Failure
}

export interface Result {
  readonly accuracy: Score
  readonly macroF1: Score
  /** Mean of a fold's fit, without its features. */
  readonly fitSeconds: number
  /** Mean of making a fold's features, which candidates with the same ones share. */
  readonly featureSeconds: number
  /** Means over the folds. */
  readonly columns: number
  readonly bytes: number
  readonly rows: number
  /** Whether all fits converged. */
  readonly converged: boolean
}

/** What a trial comes to. */
export function entryOf({ candidate, folds, featureMilliseconds, failure }: Trial, share: number): Entry {
  const line = { ...candidate, share }
  if (failure !== undefined) return { ...line, failure }
  const result: Result = {
    accuracy: scoreOf(folds.map(fold => fold.accuracy)),
    macroF1: scoreOf(folds.map(fold => fold.macroF1)),
    fitSeconds: seconds(meanOf(folds.map(fold => fold.milliseconds))),
    featureSeconds: seconds(meanOf(featureMilliseconds)),
    columns: Math.round(meanOf(folds.map(fold => fold.columns))),
    bytes: Math.round(meanOf(folds.map(fold => fold.bytes))),
    rows: Math.round(meanOf(folds.map(fold => fold.rows))),
    converged: folds.every(fold => fold.converged),
  }
  return { ...line, result }
}

function scoreOf(folds: readonly number[]): Score {
  const mean = meanOf(folds)
  return { mean, spread: Math.sqrt(meanOf(folds.map(fold => (fold - mean) ** 2))), folds }
}

/** Best first: those that came further, then those with the higher mean; equal ones stay in their order, failures come last. */
export function ranked(entries: readonly Entry[], metric: Metric): Entry[] {
  const scoreOf = ({ result }: Entry) => result?.[metric].mean ?? -1
  return [...entries].sort(
    (a, b) =>
      Number(b.result !== undefined) - Number(a.result !== undefined) ||
      b.share - a.share ||
      scoreOf(b) - scoreOf(a),
  )
}

/** Means of shares differ in their last bits by the order of their sum; no choice hangs on that. */
const ROUNDING = 1e-12

/**
 * The first candidate, in the order given, whose mean is within `threshold` of the best: give the simplest first, and a heavier one
 * has to earn its place.
 * @returns undefined when all failed
 */
export function choose(entries: readonly Entry[], metric: Metric, threshold: number): Entry | undefined {
  const [best] = ranked(entries, metric)
  if (best?.result === undefined) return undefined
  const least = best.result[metric].mean - threshold - ROUNDING
  return entries.find(
    ({ share, result }) => share === best.share && result !== undefined && result[metric].mean >= least,
  )
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length
}

function seconds(milliseconds: number): number {
  return Number((milliseconds / 1000).toPrecision(4))
}
