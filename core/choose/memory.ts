import { counted } from '../counted.ts'
import { PressroomError } from '../errors.ts'
import { gibibytes, learnerBytes } from '../learn/index.ts'
import { expectedFeatures } from '../text/index.ts'
import type { Candidate } from './candidate.ts'

/** What a search's memory hangs on. */
export interface SearchSize {
  readonly rows: number
  /** Of all texts, in UTF-16 units. */
  readonly characters: number
  readonly classes: number
  /** Of the rows that each fold trains on, above 0, at most 1. */
  readonly share: number
  readonly threads: number
}

/** What the fold of a candidate takes at its peak, about: features are made, or the learner is fitted on them. */
interface Need {
  readonly candidate: Candidate
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
  const needs = candidates.map(candidate => needOf(candidate, size))
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
    `the search needs about ${gibibytes(needed)}, and ${gibibytes(available)} are left`,
    {
      where: `${counted(rows, 'row')}, ${counted(classes, 'class', 'classes')}, ${counted(threads, 'thread')}; ${JSON.stringify(most.candidate.name)} takes most: about ${gibibytes(most.bytes)} a thread for ${counted(most.features, 'feature')} and ${counted(most.entries, 'entry', 'entries')} in the matrix`,
      fix: fixes.join(', or '),
    },
  )
}

function needOf(candidate: Candidate, { rows, characters, classes, share }: SearchSize): Need {
  const made = expectedFeatures({ rows: rows * share, characters: characters * share }, candidate.features)
  const { features, entries } = made
  const fit = learnerBytes(candidate.learner, { rows: rows * share, entries, features, classes })
  return { candidate, bytes: Math.max(made.bytes, fit), features, entries }
}
