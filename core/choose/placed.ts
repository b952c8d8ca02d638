import {
  aBoolean,
  aCount,
  aNumber,
  anObject,
  aShare,
  aString,
  type Decoded,
  type Decoder,
  listOf,
  maybe,
  objectOf,
  oneOf,
} from '../decode.ts'
import { ERROR_CODES, PressroomError } from '../errors.ts'
import { parseCandidates } from './candidate.ts'
import type { Entry } from './leaderboard.ts'

const aScore = objectOf({ mean: aShare, spread: aShare, folds: listOf(aShare) })
const aResult = objectOf({
  accuracy: aScore,
  macroF1: aScore,
  fitSeconds: aNumber,
  featureSeconds: aNumber,
  columns: aCount,
  bytes: aCount,
  rows: aCount,
  converged: aBoolean,
})
/** A line of a leaderboard, with the place of its candidate among those of all parts, from 0. */
const anEntry = objectOf({
  place: aCount,
  name: aString,
  features: anObject as Decoder<Entry['features']>,
  learner: anObject as Decoder<Entry['learner']>,
  share: aShare,
  result: maybe(aResult),
  failure: maybe(objectOf({ code: oneOf(...ERROR_CODES), message: aString })),
})

/**
 * Reads lines that came from parts of one search, in lists or not, and puts them in the order of its candidates.
 * @throws PressroomError `invalid-parameter` for anything else, no lines at all, and parts of different searches
 */
export async function gatherEntries(given: readonly unknown[]): Promise<Entry[]> {
  const lines = given.flat()
  if (lines.length === 0) throw invalid('there are no results', 'give the results of compare or tune')
  let entries: Decoded<typeof anEntry>[]
  try {
    entries = listOf(anEntry)(lines, 'results')
  } catch (error) {
    throw invalid((error as Error).message, 'give the results of compare or tune as they are', error)
  }
  const sorted = entries.sort((a, b) => a.place - b.place)
  const twice = sorted.find(({ place }, i) => place === sorted[i - 1]?.place)
  if (twice !== undefined) {
    throw invalid(`results has candidate ${twice.place + 1} twice`, 'give each shard of one search once')
  }
  const candidates = sorted.map(({ name, features, learner }) => ({ name, features, learner }))
  parseCandidates(candidates)
  return sorted.map(({ place, result, failure, ...line }) => ({
    ...line,
    ...(result !== undefined && { result }),
    ...(failure !== undefined && { failure }),
  }))
}

function invalid(what: string, fix: string, cause?: unknown): PressroomError {
  return new PressroomError('invalid-parameter', what, { fix, cause })
}
