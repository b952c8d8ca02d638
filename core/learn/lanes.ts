import { type ClassWeight, classWeights } from './class-weight.ts'
import type { Training } from './training.ts'

/**
 * Some problems of "this class or another", solved side by side so that each row is read once for all of them: the classes
 * `first` to `first + width`. Two classes are one such problem, of class 1, as in scikit-learn.
 */
export interface Lanes {
  readonly first: number
  readonly width: number
  /** A row's weight is `rowWeight[row]` times that of its side: of the class itself, or of the others. */
  readonly rowWeight: Float64Array
  readonly positive: Float64Array
  readonly negative: Float64Array
}

/** Problems solved side by side, unless a solver takes one at a time: as many as the products take at once. */
const WIDTH = 4

/**
 * All one-vs-rest problems of a training set, in groups. Every group needs memory only for itself, so that a thousand
 * classes take no more than four.
 *
 * How class weights enter is each learner's: `of(weights, k)` gives the weights of class `k`'s own rows and of the others.
 */
export function groupLanes(
  training: Training,
  rowWeight: Float64Array,
  of: (k: number) => readonly [positive: number, negative: number],
  most = WIDTH,
): Lanes[] {
  const firsts: number[] = training.classes === 2 ? [1] : []
  if (training.classes > 2) for (let k = 0; k < training.classes; k += most) firsts.push(k)
  return firsts.map(first => {
    const width = Math.min(most, training.classes - first)
    const sides = Array.from({ length: width }, (_, k) => of(first + k))
    return {
      first,
      width,
      rowWeight,
      positive: Float64Array.from(sides, ([positive]) => positive),
      negative: Float64Array.from(sides, ([, negative]) => negative),
    }
  })
}

/** `c` times the sample weight of each row. */
export function rowWeights({ matrix, sampleWeight }: Training, c: number): Float64Array {
  if (sampleWeight === undefined) return new Float64Array(matrix.rows).fill(c)
  return sampleWeight.map(weight => c * weight)
}

/** The same, times the weight of the row's class. */
export function classRowWeights(
  training: Training,
  c: number,
  classWeight: ClassWeight | undefined,
): Float64Array {
  const weights = rowWeights(training, c)
  if (classWeight === undefined) return weights
  const ofClass = classWeights(training, classWeight)
  return weights.map((weight, row) => weight * ofClass[training.labels[row]!]!)
}

/** 'balanced' for one class against the others, as it would be for a training set of just these two. */
export function balancedSides(training: Training, k: number): readonly [positive: number, negative: number] {
  const labels = training.labels.map(label => (label === k ? 1 : 0))
  const [negative, positive] = classWeights({ ...training, labels, classes: 2 }, 'balanced')
  return [positive!, negative!]
}
