import { listed } from '../report/listed.ts'
import { countLabels } from './labels.ts'
import { invalid, is } from './parameters.ts'
import type { Training } from './training.ts'

/**
 * How much the rows of each class count, beside their sample weights: one number a class, in their order or by their names (1 for
 * those left out), or 'balanced', which gives every class the same sum: `Σ weights / (classes · Σ weights of the class)`, as
 * scikit-learn's compute_class_weight.
 */
export type ClassWeight = 'balanced' | readonly number[] | Readonly<Record<string, number>>

/**
 * The weight of each class; 1 each for undefined. A class without rows gets 1 when balanced: nothing hangs on it.
 *
 * @throws PressroomError `invalid-parameter` when there is not one finite number, 0 or more, a class; for a name that no class has.
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
  if (!Array.isArray(classWeight)) return byName(classWeight as Readonly<Record<string, number>>, training)
  if (classWeight.length !== classes) {
    throw invalid(
      'classWeight',
      `has ${classWeight.length} numbers`,
      `give one for each of the ${classes} classes`,
    )
  }
  return Float64Array.from(classWeight, (weight, k) => aWeight(`classWeight[${k}]`, weight))
}

function byName(given: Readonly<Record<string, number>>, { classes, names }: Training): Float64Array {
  if (typeof given !== 'object' || given === null || names === undefined) {
    const fix = `give balanced, or ${classes} numbers, one a class in the order of the labels`
    throw invalid('classWeight', is(given), fix)
  }
  const unknown = Object.keys(given).find(name => !names.includes(name))
  if (unknown !== undefined) {
    throw invalid('classWeight', `has ${JSON.stringify(unknown)}`, `the classes are: ${listed(names)}`)
  }
  return Float64Array.from(names, name => {
    return Object.hasOwn(given, name) ? aWeight(`classWeight of ${JSON.stringify(name)}`, given[name]) : 1
  })
}

function aWeight(name: string, weight: unknown): number {
  if (typeof weight === 'number' && weight >= 0 && weight < Infinity) return weight
  throw invalid(name, is(weight), 'weights are numbers, 0 or more, and finite')
}
