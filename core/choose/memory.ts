import { counted } from '../counted.ts'
import { PressroomError } from '../errors.ts'
import { binarySize, learnerBytes } from '../learn/index.ts'
import { expectedFeatures } from '../text/index.ts'
import type { Candidate } from './candidate.ts'

/** What the memory of a fit hangs on. */
interface TextsSize {
  readonly rows: number
  /** Of all texts, in UTF-16 units. */
  readonly characters: number
  readonly classes: number
}

/** What a search's memory hangs on. */
export interface SearchSize extends TextsSize {
  /** Of the rows that each fold trains on, above 0, at most 1. */
  readonly share: number
  readonly threads: number
}

/** What the fold of a candidate takes at its peak, about: features are made, or the learner is fitted on them. */
interface Need {
  readonly bytes: number
  readonly features: number
  readonly entries: number
}

/**
 * Refuses a search that the machine has no room for, before its first fit: the rows, which all threads share, and on each thread a
 * fold of the candidate that takes most. How many n-grams texts have shows only when they are read; AG News stands for them here,
 * and each fit is checked again when its matrix is there.
 *
 * @param available bytes; by default what this process may still take
 * @throws PressroomError `not-enough-memory` that says which candidate takes most, and what to lower.
 */
export function requireSearchMemory(
  candidates: readonly Candidate[],
  size: SearchSize,
  available = process.availableMemory(),
): void {
  const needs = candidates.map(candidate => ({ candidate, ...needOf(candidate, size) }))
  const most = needs.reduce((a, b) => (b.bytes > a.bytes ? b : a))
  const needed = size.characters + size.threads * most.bytes
  if (needed <= available) return
  const { rows, classes, threads, characters } = size
  const fits = Math.floor((available - characters) / most.bytes)
  const fixes = [
    ...(threads > 1 && fits > 0 ? [`lower threads to ${fits}`] : []),
    `lower maxFeatures or ngramRange of ${JSON.stringify(most.candidate.name)}`,
    'give fewer rows',
    'give the process more memory',
  ]
  throw new PressroomError(
    'not-enough-memory',
    `the search needs about ${binarySize(needed)}, and ${binarySize(available)} are left`,
    {
      where: `${counted(rows, 'row')}, ${counted(classes, 'class', 'classes')}, ${counted(threads, 'thread')}; ${JSON.stringify(most.candidate.name)} takes most: about ${binarySize(most.bytes)} a thread for ${counted(most.features, 'feature')} and ${counted(most.entries, 'entry', 'entries')} in the matrix`,
      fix: fixes.join(', or '),
    },
  )
}

/**
 * Refuses to make features and fit a learner on them when the machine has no room for it, before either is begun.
 *
 * @param available bytes; by default what this process may still take
 * @throws PressroomError `not-enough-memory` that says what to lower.
 */
export function requireFitMemory(
  fit: Pick<Candidate, 'features' | 'learner'>,
  size: TextsSize,
  available = process.availableMemory(),
): void {
  const { bytes, features, entries } = needOf(fit, { ...size, share: 1 })
  if (bytes <= available) return
  throw new PressroomError(
    'not-enough-memory',
    `features and fit need about ${binarySize(bytes)}, and ${binarySize(available)} are left`,
    {
      where: `${counted(size.rows, 'row')}, ${counted(size.classes, 'class', 'classes')}; about ${counted(features, 'feature')} and ${counted(entries, 'entry', 'entries')} in the matrix`,
      fix: 'lower maxFeatures or ngramRange, or give fewer rows, or give the process more memory',
    },
  )
}

function needOf(
  { features: input, learner }: Pick<Candidate, 'features' | 'learner'>,
  { rows, characters, classes, share }: Omit<SearchSize, 'threads'>,
): Need {
  const made = expectedFeatures({ rows: rows * share, characters: characters * share }, input)
  const { features, entries } = made
  const fit = learnerBytes(learner, { rows: rows * share, entries, features, classes })
  return { bytes: Math.max(made.bytes, fit), features, entries }
}
