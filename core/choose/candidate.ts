import { PressroomError } from '../errors.ts'
import { type Learner, parseLearner } from '../learn/index.ts'
import { suggest } from '../nearest.ts'
import { isObject, shown } from '../object.ts'
import { type FeatureSettingsInput, parseFeatureSettings } from '../text/index.ts'

/** One way to a model, as plain data: what `train` takes. */
export interface Candidate {
  /** Of its own among those that it is compared with. */
  readonly name: string
  readonly features: FeatureSettingsInput
  readonly learner: Learner
}

/**
 * Checks candidates before any row is read, so that a search does not end at its last fit over a slip of the pen.
 *
 * @param defaultFeatures of candidates that say none; default: words, as docs/text.md has them
 * @throws PressroomError `invalid-parameter` for a list that is empty, a name that comes twice;
 * `invalid-setting` for a learner or features, and says in which candidate.
 */
export function parseCandidates(
  given: readonly unknown[],
  defaultFeatures: FeatureSettingsInput = {},
): Candidate[] {
  if (given.length === 0)
    throw invalid('there are no candidates', 'give at least one, with a name and a learner')
  const candidates: Candidate[] = []
  for (const [i, value] of given.entries()) {
    const at = `candidate ${i + 1}`
    const { name, learner, features = defaultFeatures } = fieldsOf(value, at, ['name', 'learner', 'features'])
    if (typeof name !== 'string' || name.trim() === '') throw invalid(`${at} has no name`, 'give it a name')
    if (candidates.some(other => other.name === name)) {
      throw invalid(`two candidates are called ${JSON.stringify(name)}`, 'give each a name of its own')
    }
    candidates.push(
      within(name, () => {
        parseFeatureSettings(features)
        return { name, learner: parseLearner(learner), features: features as FeatureSettingsInput }
      }),
    )
  }
  return candidates
}

/** Says of which candidate an error is. */
function within<T>(name: string, check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof PressroomError)) throw error
    const where = [`in candidate ${JSON.stringify(name)}`, error.where].filter(Boolean).join('\n  ')
    throw new PressroomError(error.code, error.what, { where, fix: error.fix, cause: error })
  }
}

function objectOf(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (isObject(value)) return value
  throw invalid(`${at} is ${value === undefined ? 'missing' : shown(value)}`, 'give an object')
}

function fieldsOf(value: unknown, at: string, known: readonly string[]): Readonly<Record<string, unknown>> {
  const fields = objectOf(value, at)
  const unknown = Object.keys(fields).find(key => !known.includes(key))
  if (unknown === undefined) return fields
  throw invalid(`${at} has no ${unknown}${suggest(unknown, known)}`, `it has: ${known.join(', ')}`)
}

function invalid(what: string, fix: string): PressroomError {
  return new PressroomError('invalid-parameter', what, { fix })
}
