import { countLabels } from './labels.ts'
import { invalid, is } from './parameters.ts'
import type { Training } from './training.ts'

/**
 * How much the rows of each class count, beside their sample weights: one number a class, or 'balanced', which gives every
 * class the same sum: `Σ weights / (classes · Σ weights of the class)`, as scikit-learn's compute_class_weight.
 */
export type ClassWeight = 'balanced' | readonly number[]

/**
 * The weight of each class; 1 each for undefined. A class without rows gets 1 when balanced: nothing hangs on it.
 *
 * @throws PressroomError `invalid-parameter` when there is not one finite number, 0 or more, a class.
 */
export function classWeights(training: Training, classWeight: ClassWeight | undefined): Float64Array {
  const { labels, classes, sampleWeight } = training
  if (classWeight === undefined) return new Float64Array(classes).fill(1)
  if (classWeight === 'balanced') {
    const counts = countLabels(labels, classes, sampleWeight)
    const present = counts.filter(count => count > 0).length
    const sum = counts.reduce((a, b) => a + b)
    return counts.map(count => (count > 0 ? sum / (present * count) : 1))
  }
  if (!Array.isArray(classWeight)) {
    const fix = `give balanced, or ${classes} numbers, one a class in the order of the labels`
    throw invalid('classWeight', is(classWeight), fix)
  }
  if (classWeight.length !== classes) {
    throw invalid(
      'classWeight',
      `has ${classWeight.length} numbers`,
      `give one for each of the ${classes} classes`,
    )
  }
  const bad = classWeight.findIndex(weight => !(Number.isFinite(weight) && weight >= 0))
  if (bad >= 0)
    throw invalid(`classWeight[${bad}]`, is(classWeight[bad]), 'weights are 0 or more, and finite')
  return Float64Array.from(classWeight)
}
