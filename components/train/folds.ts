import { PressroomError } from '../../core/errors.ts'
import type { Learner } from '../../core/learn/index.ts'
import { eachSingle } from './settings.ts'

/**
 * The learner with no more folds of calibration than its smallest class has rows, which `warn` hears of.
 * @throws PressroomError `invalid-rows` when a class has one row, and calibration needs each class in two folds
 */
export function fitFolds(
  learner: Learner,
  classes: Int32Array,
  labels: readonly string[],
  warn: (line: string) => void,
): Learner {
  const counts = new Int32Array(labels.length)
  for (const label of classes) counts[label]!++
  const fewest = counts.reduce((least, count) => Math.min(least, count))
  const label = JSON.stringify(labels[counts.indexOf(fewest)])
  let lowered: number | undefined
  const fitted = eachSingle(learner, single => {
    const { calibration } = single
    if (calibration === undefined || (calibration.cv ?? 5) <= fewest) return single
    if (fewest < 2) {
      throw new PressroomError('invalid-rows', `the label ${label} has one training row`, {
        where:
          'calibration needs two rows of each class or more, so that none is judged by a model that saw it',
        fix: 'give it more rows, leave it out, or choose a learner that needs no calibration (preset seed-002)',
      })
    }
    lowered = calibration.cv ?? 5
    return { ...single, calibration: { ...calibration, cv: fewest } } as Learner
  })
  if (lowered !== undefined) {
    warn(
      `the label ${label} has ${fewest} training rows: calibration takes ${fewest} folds in place of ${lowered}`,
    )
  }
  return fitted
}
