import { aNumber, listOf, objectOf } from '../../decode.ts'
import type { RandomForestModel } from '../../learn/forest.ts'
import { arrayOf } from '../fitted-model.ts'
import { doubleBelow, nextSingle, singleBelow } from '../singles.ts'
import { learnt, type Step } from './dump.ts'
import { refuse } from './refuse.ts'

const doubles = arrayOf(Float64Array)
const integers = arrayOf(Int32Array)
const aTree = objectOf({
  left: integers,
  right: integers,
  feature: integers,
  threshold: doubles,
  value: doubles,
})

interface Shape {
  readonly classes: number
  readonly features: number
}

/** The trees of a forest, or the one of a decision tree, one after another. */
export function forestOf(step: Step, { classes, features }: Shape): RandomForestModel {
  const { trees, features: seen } = learnt(step, { trees: listOf(aTree), features: aNumber })
  const sizes = trees.map(({ feature }) => feature.length)
  const odd = trees.some(({ left, right, threshold, value }, t) => {
    const size = sizes[t]!
    return [left, right, threshold].some(({ length }) => length !== size) || value.length !== size * classes
  })
  if (odd || seen !== features) {
    throw refuse(
      `${step.type} does not fit its features`,
      `it was fitted on ${seen} features of ${features}`,
      {
        fix: 'export the whole Pipeline as it was fitted',
      },
    )
  }
  const nodes = sizes.reduce((sum, size) => sum + size, 0)
  const forest = {
    roots: new Int32Array(trees.length),
    split: new Int32Array(nodes),
    thresholds: new Float64Array(nodes),
    left: new Int32Array(nodes),
    right: new Int32Array(nodes),
    shares: new Float64Array(nodes * classes),
  }
  let at = 0
  trees.forEach(({ left, right, feature, threshold, value }, t) => {
    forest.roots[t] = at
    for (let node = 0; node < sizes[t]!; node++, at++) {
      const root = forest.roots[t]!
      if (left[node]! < 0) {
        forest.split[at] = -1
        putShares(forest.shares, at * classes, value.subarray(node * classes, (node + 1) * classes))
        continue
      }
      forest.split[at] = feature[node]!
      forest.left[at] = root + left[node]!
      forest.right[at] = root + right[node]!
      forest.thresholds[at] = doubleThreshold(threshold[node]!)
    }
  })
  return { kind: 'random-forest', classes, features, ...forest }
}

/** Before 1.3 scikit-learn kept sums of weights, since then shares. */
function putShares(into: Float64Array, at: number, value: Float64Array): void {
  const sum = value.reduce((a, b) => a + b, 0)
  for (const [k, share] of value.entries()) into[at + k] = sum > 0 ? share / sum : 1 / value.length
}

/**
 * The threshold that sends a value of double precision where scikit-learn sends it, which first rounds it to single: halfway from
 * the last single that goes left to the next, which itself goes left where rounding to even takes it there.
 */
export function doubleThreshold(threshold: number): number {
  const below = singleBelow(threshold)
  const above = nextSingle(below, 1)
  const halfway = below + (above - below) / 2
  return Math.fround(halfway) === below ? halfway : doubleBelow(halfway)
}
