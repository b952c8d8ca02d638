import { PressroomError } from '../errors.ts'
import { shown } from '../object.ts'
import { isPlainPath } from '../storage/object-folders.ts'
import { checkKeys, checkModelName } from './names.ts'
import type { MetricValue, RegisterRequest, RunRequest } from './types.ts'

/*
 * What both registries refuse before anything is written. MLflow itself takes some of it with 200: a number as a tag's
 * value is stored as an empty text.
 */

/** @throws PressroomError `invalid-name`, `invalid-parameter`. */
export function checkRegistration({ name, digest, tags = {} }: RegisterRequest): void {
  checkModelName(name)
  checkTexts(tags)
  if (/^sha256:[0-9a-f]{64}$/.test(digest)) return
  throw new PressroomError('invalid-parameter', `${JSON.stringify(digest)} is not a digest`)
}

/** @throws PressroomError `invalid-name`, `invalid-parameter`. */
export function checkRun({
  experiment,
  params = {},
  tags = {},
  metrics = {},
  datasets = [],
}: RunRequest): void {
  if (experiment === '') throw new PressroomError('invalid-name', 'an experiment has a name')
  checkTexts(params)
  checkTexts(tags)
  checkMetrics(metrics)
  const long = datasets.find(({ digest }) => digest.length > 36)
  if (long === undefined) return
  throw new PressroomError('invalid-parameter', `the digest of data set "${long.name}" is over 36 characters`)
}

/** @throws PressroomError `invalid-name`, `invalid-parameter` for one that is not finite. */
function checkMetrics(metrics: Readonly<Record<string, number>>): void {
  checkKeys(Object.keys(metrics))
  for (const [key, value] of Object.entries(metrics)) checkFinite(key, value)
}

function checkFinite(key: string, value: number): void {
  if (Number.isFinite(value)) return
  throw new PressroomError('invalid-parameter', `metric "${key}" is ${shown(value)}, not a finite number`)
}

/** @throws PressroomError `invalid-name`, `invalid-parameter` for a value that is not finite or a step that is no integer. */
export function checkMetricValues(values: readonly MetricValue[]): void {
  for (const { key, step, value } of values) {
    checkKeys([key])
    checkFinite(key, value)
    if (Number.isSafeInteger(step)) continue
    throw new PressroomError('invalid-parameter', `a metric's step is an integer, not ${shown(step)}`)
  }
}

/** @throws PressroomError `invalid-name` for a path that may lead out of the run's files, or that MLflow's proxy does not take. */
export function checkArtifactPaths(paths: Iterable<string>): void {
  for (const path of paths) {
    if (isPlainPath(path) && !path.includes('#')) continue
    throw new PressroomError('invalid-name', `${JSON.stringify(path)} is not a path of an artifact`, {
      fix: 'use names with / between them, without : \\ # . and ..',
    })
  }
}

function checkTexts(values: Readonly<Record<string, string>>): void {
  checkKeys(Object.keys(values))
  for (const [key, value] of Object.entries(values)) {
    if (typeof value === 'string') continue
    throw new PressroomError('invalid-parameter', `the value of "${key}" is not a text`)
  }
}
