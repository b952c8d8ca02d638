import { PressroomError } from '../errors.ts'
import { fitLearner, LEARNER_KINDS, type Learner } from '../learn/index.ts'
import { suggest } from '../nearest.ts'
import { type FeatureSettingsInput, parseFeatureSettings } from '../text/index.ts'

/** One way to a model, as plain data: what `train` takes. */
export interface Candidate {
  /** Of its own among those that it is compared with. */
  readonly name: string
  readonly features: FeatureSettingsInput
  readonly learner: Learner
}

/** A training set without rows: every learner checks its parameters before it looks for rows. */
const NO_ROWS = {
  matrix: {
    rows: 0,
    columns: 1,
    indptr: new Int32Array(1),
    indices: new Int32Array(0),
    values: new Float64Array(0),
  },
  labels: new Int32Array(0),
  classes: 2,
}

/**
 * Checks candidates before any row is read, so that a search does not end at its last fit over a slip of the pen.
 *
 * @param defaultFeatures of candidates that say none; default: words, as docs/text.md has them
 * @throws PressroomError `invalid-parameter` for a list that is empty, a name that comes twice, and what is wrong with a learner;
 * `invalid-setting` for features. Each says in which candidate.
 */
export async function parseCandidates(
  given: readonly unknown[],
  defaultFeatures: FeatureSettingsInput = {},
): Promise<Candidate[]> {
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
    await within(name, async () => {
      parseFeatureSettings(features)
      await checkLearner(learner, 'learner')
    })
    candidates.push({ name, learner: learner as Learner, features: features as FeatureSettingsInput })
  }
  return candidates
}

/** Says of which candidate an error is. */
async function within(name: string, check: () => Promise<void>): Promise<void> {
  try {
    await check()
  } catch (error) {
    if (!(error instanceof PressroomError)) throw error
    const where = [`in candidate ${JSON.stringify(name)}`, error.where].filter(Boolean).join('\n  ')
    throw new PressroomError(error.code, error.what, { where, fix: error.fix, cause: error })
  }
}

async function checkLearner(given: unknown, at: string): Promise<void> {
  const { kind } = objectOf(given, at)
  if (!(LEARNER_KINDS as readonly unknown[]).includes(kind)) {
    const near = suggest(String(kind), LEARNER_KINDS)
    throw invalid(`${at}.kind is ${JSON.stringify(kind)}${near}`, `give one of ${LEARNER_KINDS.join(', ')}`)
  }
  if (kind === 'voting') {
    const { learners } = fieldsOf(given, at, ['kind', 'how', 'learners', 'weights'])
    if (!Array.isArray(learners) || learners.length === 0) {
      throw invalid(`${at}.learners is no list of learners`, 'give those that vote')
    }
    for (const [i, learner] of learners.entries()) await checkLearner(learner, `${at}.learners[${i}]`)
    return
  }
  const { parameters = {}, calibration = {} } = fieldsOf(given, at, ['kind', 'parameters', 'calibration'])
  objectOf(parameters, `${at}.parameters`)
  objectOf(calibration, `${at}.calibration`)
  await checkParameters({ kind, parameters } as Learner)
}

async function checkParameters(learner: Learner): Promise<void> {
  try {
    await fitLearner(NO_ROWS, learner)
  } catch (error) {
    if (!(error instanceof PressroomError && error.code === 'no-rows')) throw error
  }
}

function objectOf(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw invalid(`${at} is ${JSON.stringify(value) ?? 'missing'}`, 'give an object')
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
