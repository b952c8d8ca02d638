import { setImmediate } from 'node:timers/promises'
import { PressroomError } from '../errors.ts'
import { seededRandom } from '../random.ts'
import type { Forest } from './forest.ts'
import { countLabels } from './labels.ts'
import type { SparseMatrix } from './matrix.ts'
import { type Tree, TreeGrower } from './tree.ts'

/** scikit-learn's RandomForestClassifier with criterion gini: its names and defaults. */
export interface ForestOptions {
  /** Trees; default 100. */
  readonly nEstimators?: number
  /** Most splits between root and leaf; no limit by default. */
  readonly maxDepth?: number
  /** Default 2. */
  readonly minSamplesSplit?: number
  /** Default 1. */
  readonly minSamplesLeaf?: number
  /** Features a split looks at: `sqrt` of all, the default, `log2` of them, or a number. */
  readonly maxFeatures?: 'sqrt' | 'log2' | number
  /** Whether each tree gets as many rows drawn with repetition; default true. */
  readonly bootstrap?: boolean
  /** Default 0. */
  readonly seed?: number
  /** Of the rows; all 1 by default. */
  readonly weights?: Float64Array
  readonly signal?: AbortSignal
  readonly progress?: (trees: number, of: number) => void
}

/**
 * Fits a random forest (L. Breiman, Random Forests, Machine Learning 45 (2001), 5-32). Each tree's draws come from the seed and its
 * number alone, so that it does not matter who grows it, or when.
 *
 * @throws PressroomError `too-few-classes`; `invalid-setting`; `cancelled` when the signal aborts.
 */
export async function fitForest(
  matrix: SparseMatrix,
  labels: Int32Array,
  classes: number,
  options: ForestOptions,
): Promise<Forest> {
  const { nEstimators = 100, bootstrap = true, seed = 0, weights, signal, progress } = options
  countLabels(labels, classes)
  const grower = new TreeGrower(matrix, labels, classes, settle(options, matrix.columns))
  const trees: Tree[] = []
  while (trees.length < nEstimators) {
    await setImmediate()
    signal?.throwIfAborted()
    const random = seededRandom(seed * 1_000_003 + trees.length)
    trees.push(grower.grow(drawRows(matrix.rows, bootstrap, weights, random), random))
    progress?.(trees.length, nEstimators)
  }
  return join(trees, classes, matrix.columns)
}

function settle(options: ForestOptions, features: number) {
  const {
    nEstimators = 100,
    maxDepth = Infinity,
    minSamplesSplit = 2,
    minSamplesLeaf = 1,
    maxFeatures = 'sqrt',
  } = options
  const limits = { nEstimators, maxDepth, minSamplesSplit, minSamplesLeaf }
  for (const [name, value] of Object.entries(limits)) {
    const least = name === 'minSamplesSplit' ? 2 : 1
    if (
      value >= least &&
      (Number.isSafeInteger(value) || value === Infinity) &&
      !(name === 'nEstimators' && value === Infinity)
    )
      continue
    throw new PressroomError(
      'invalid-setting',
      `${name} must be a whole number of ${least} or more, not ${value}`,
    )
  }
  const rule = { sqrt: Math.sqrt(features), log2: Math.log2(features) }
  const looked = Math.max(1, Math.floor(typeof maxFeatures === 'number' ? maxFeatures : rule[maxFeatures]))
  return { maxDepth, minSamplesSplit, minSamplesLeaf, maxFeatures: Math.min(looked, features) }
}

function drawRows(
  rows: number,
  bootstrap: boolean,
  weights: Float64Array | undefined,
  random: () => number,
): Float64Array {
  const drawn = new Float64Array(rows)
  if (bootstrap) for (let i = 0; i < rows; i++) drawn[Math.floor(random() * rows)]!++
  else drawn.fill(1)
  if (weights !== undefined) for (let row = 0; row < rows; row++) drawn[row]! *= weights[row]!
  return drawn
}

function join(trees: readonly Tree[], classes: number, features: number): Forest {
  const roots = new Int32Array(trees.length)
  let nodes = 0
  trees.forEach((tree, t) => {
    roots[t] = nodes
    nodes += tree.split.length
  })
  const moved = (pick: (tree: Tree) => readonly number[]) =>
    Int32Array.from(trees.flatMap((tree, t) => pick(tree).map(node => (node < 0 ? -1 : node + roots[t]!))))
  return {
    classes,
    features,
    roots,
    split: Int32Array.from(trees.flatMap(tree => tree.split)),
    thresholds: Float64Array.from(trees.flatMap(tree => tree.thresholds)),
    left: moved(tree => tree.left),
    right: moved(tree => tree.right),
    shares: Float64Array.from(trees.flatMap(tree => tree.shares)),
  }
}
