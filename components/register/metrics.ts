import { readFile } from 'node:fs/promises'
import { PressroomError } from '../../core/errors.ts'
import type { ModelInfo } from '../../core/model/index.ts'
import { isObject } from '../../core/object.ts'
import type { MetricValue } from '../../core/registry/index.ts'
import { toKey } from '../../core/registry/names.ts'
import { readFailure } from '../../core/storage/failures.ts'

/** The numbers of the fit, but for those that `curves` tell step by step. */
export function fitMetrics({ metrics }: ModelInfo, curves: readonly MetricValue[]): Record<string, number> {
  const drawn = new Set(curves.map(({ key }) => key))
  const numbers = Object.entries(numericLeaves(metrics, 'train.'))
  return Object.fromEntries(numbers.filter(([key]) => !drawn.has(key)))
}

/**
 * How the fit went, as metrics with steps, which MLflow draws: `train.loss` and `train.heldOutAccuracy`; of several fits
 * `train.model 2: linear-svm.fold 1.loss` and their like.
 */
export function curveMetrics({ curves = [] }: ModelInfo): MetricValue[] {
  return curves.flatMap(({ learner, fold, steps, loss, heldOutAccuracy = [] }) => {
    const fit = fold === undefined ? [learner] : [learner, `fold ${fold}`]
    const named = (name: string, values: readonly number[]) => {
      const key = toKey(['train', ...(curves.length === 1 ? [] : fit), name].join('.'))
      return values.map((value, i) => ({ key, step: steps[i]!, value }))
    }
    return [...named('loss', loss), ...named('heldOutAccuracy', heldOutAccuracy)]
  })
}

/** What evaluate wrote, as flat numbers. @throws PressroomError `invalid-parameter`; what reading a file can throw. */
export async function readMetrics(path: string): Promise<Record<string, number>> {
  const text = await readFile(path, 'utf8').catch(error => {
    throw readFailure(error, path)
  })
  try {
    const metrics: unknown = JSON.parse(text)
    if (isObject(metrics)) return numericLeaves(metrics)
  } catch {
    // The one error below says what matters: what the file is not.
  }
  throw new PressroomError('invalid-parameter', `${path} does not hold metrics`, {
    where: 'it is not a JSON object',
    fix: 'give what evaluate wrote',
  })
}

/**
 * Every number in nested objects, by its dotted path. Lists are tables for people, not metrics. A slash in a name (a class
 * Sci/Tech) would part MLflow's charts into sections.
 */
function numericLeaves(value: object, prefix = ''): Record<string, number> {
  const leaves = Object.entries(value).flatMap(([name, child]: [string, unknown]): [string, number][] => {
    const key = prefix + name.replaceAll('/', '_')
    if (typeof child === 'number') return [[toKey(key), child]]
    if (typeof child !== 'object' || child === null || Array.isArray(child)) return []
    return Object.entries(numericLeaves(child, `${key}.`))
  })
  return Object.fromEntries(leaves)
}
