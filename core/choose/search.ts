import { availableParallelism } from 'node:os'
import type { Row } from '../data/index.ts'
import { PressroomError } from '../errors.ts'
import type { Candidate } from './candidate.ts'
import { type CrossValidation, crossValidate } from './cross-validate.ts'
import { splitFolds } from './folds.ts'
import { type Entry, entryOf, type Metric, type Result, ranked, type Score } from './leaderboard.ts'
import { requireSearchMemory, type SearchSize } from './memory.ts'
import { openPool, type Pool } from './pool.ts'
import { shareInts, shareRows } from './shared.ts'

export interface SearchOptions {
  readonly folds: number
  readonly metric: Metric
  /** Of what a share of the training rows takes. */
  readonly seed: number
  /** At most so many; by default as many as there are cores, and never more than there are folds of features to make or fits. */
  readonly threads?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onFit?: CrossValidation['onFit']
  readonly keeper?: CrossValidation['keeper']
  /** Bytes that may be taken; by default what the process still may. */
  readonly availableMemory?: number | undefined
}

/** Rows to judge candidates on, with the threads that do it. */
export class Search implements AsyncDisposable {
  readonly #pool: Pool
  readonly #options: SearchOptions
  readonly #size: Omit<SearchSize, 'share'>

  /**
   * @param candidates how many there will be at most
   * @throws PressroomError of {@link splitFolds}
   */
  constructor(rows: readonly Row[], candidates: number, options: SearchOptions) {
    const split = splitFolds(
      rows.map(row => row.label),
      options.folds,
      options.seed,
    )
    // Shared, so that a thread more costs no copy of them.
    const shared = { ...split, labels: shareInts(split.labels), folds: shareInts(split.folds) }
    const threads = Math.min(options.threads ?? availableParallelism(), candidates * options.folds)
    this.#pool = openPool({ rows: shareRows(rows), split: shared }, Math.max(threads, 1), options.signal)
    this.#options = options
    this.#size = {
      rows: rows.length,
      characters: rows.reduce((sum, { text }) => sum + text.length, 0),
      classes: split.names.length,
      threads: this.#pool.size,
    }
  }

  /**
   * A line a candidate, in their order, fitted on a share of the rows that each fold trains on.
   * @throws PressroomError `not-enough-memory`, before the first fit; `cancelled`
   */
  async compare(candidates: readonly Candidate[], share = 1): Promise<Entry[]> {
    requireSearchMemory(candidates, { ...this.#size, share }, this.#options.availableMemory)
    return this.#judge(candidates, share, this.#options.onFit)
  }

  /**
   * Successive halving (K. Jamieson and A. Talwalkar, Non-stochastic best arm identification and hyperparameter optimization, AISTATS
   * 2016): all candidates on few rows, the best third of them on three times as many, and so on up to all rows.
   * @throws as {@link compare}; any candidate may be the one that is fitted on all rows
   */
  async halve(candidates: readonly Candidate[]): Promise<Entry[]> {
    requireSearchMemory(candidates, { ...this.#size, share: 1 }, this.#options.availableMemory)
    const found = new Map<string, Entry>()
    let left = candidates
    for (const share of sharesOf(candidates.length)) {
      const entries = await this.compare(left, share)
      for (const entry of entries) found.set(entry.name, entry)
      left = survivors(left, entries, this.#options.metric)
    }
    return candidates.map(({ name }) => found.get(name)!)
  }

  /** How the score of a candidate, judged on all rows, grows with the rows that it is fitted on. */
  async learningCurve({ result, ...candidate }: Entry): Promise<CurvePoint[]> {
    const points: CurvePoint[] = []
    for (const share of CURVE_SHARES) {
      const [entry] = await this.#judge([candidate], share)
      // So few rows may leave no features; the curve then begins later.
      if (entry?.result !== undefined) points.push(pointOf(share, entry.result))
    }
    if (result !== undefined) points.push(pointOf(1, result))
    return points
  }

  async #judge(
    candidates: readonly Candidate[],
    share: number,
    onFit?: CrossValidation['onFit'],
  ): Promise<Entry[]> {
    const { folds, signal, keeper } = this.#options
    const trials = await crossValidate(this.#pool, candidates, { folds, share, signal, onFit, keeper })
    return trials.map(trial => entryOf(trial, share))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#pool[Symbol.asyncDispose]())
  }
}

/** A point of a learning curve: scores of models fitted on so many rows. */
export interface CurvePoint {
  readonly share: number
  readonly rows: number
  readonly accuracy: Score
  readonly macroF1: Score
}

function pointOf(share: number, { rows, accuracy, macroF1 }: Result): CurvePoint {
  return { share, rows, accuracy, macroF1 }
}

/** Below all of them; even on a logarithmic scale, on which learning curves bend least. */
const CURVE_SHARES = [0.125, 0.25, 0.5]
const FACTOR = 3

/** The shares of the training rows, round after round; the last is 1. */
export function sharesOf(candidates: number): number[] {
  const rounds: number[] = []
  for (let left = candidates, share = 1; ; left = Math.ceil(left / FACTOR), share *= FACTOR) {
    rounds.push(share)
    if (left <= FACTOR) break
  }
  return rounds.map(share => share / rounds.at(-1)!)
}

/** The best third, rounded up, in the order of the candidates; what failed is out. */
export function survivors(
  candidates: readonly Candidate[],
  entries: readonly Entry[],
  metric: Metric,
): readonly Candidate[] {
  const better = ranked(entries, metric).filter(({ result }) => result !== undefined)
  if (better.length === 0) throw allFailed(entries)
  const kept = new Set(better.slice(0, Math.ceil(candidates.length / FACTOR)).map(({ name }) => name))
  return candidates.filter(({ name }) => kept.has(name))
}

/** The error of a search in which no candidate has a score: the first's. */
export function allFailed(entries: readonly Entry[]): PressroomError {
  const { name, failure } = entries.find(entry => entry.failure !== undefined)!
  const [what = '', ...rest] = failure!.message.split('\n')
  return new PressroomError(failure!.code, what, {
    where: [
      `no candidate could be fitted; this is of ${JSON.stringify(name)}`,
      ...rest.map(line => line.trim()),
    ].join('\n  '),
  })
}
