import type { FoldScore } from './jobs.ts'

/** Candidates fitted one after the other on one fold. Their scores hang on all of them: each fit begins from the one before. */
export interface FitsPlace {
  /** Of the rows that the fold trains on. */
  readonly share: number
  readonly fold: number
  /** Their names. */
  readonly candidates: readonly string[]
}

/** What came of them, as plain data. */
export interface KeptFits extends FitsPlace {
  /** A score a candidate, in their order. */
  readonly scores: readonly FoldScore[]
  /** Milliseconds that making the fold's features took. */
  readonly featureMilliseconds: number
}

/**
 * Where a search keeps scores that it need not fit again, for itself or for another of the same rows, candidates, folds and seed.
 * Failures are not kept: a second try may have more memory.
 */
export interface FitsKeeper {
  find(place: FitsPlace): KeptFits | undefined
  keep(fits: KeptFits): void
}
