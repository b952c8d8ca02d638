import { type Random, randomFrom } from '../random.ts'
import { type ClassWeight, classWeights } from './class-weight.ts'
import { paceOf } from './control.ts'
import type { RandomForestModel } from './forest.ts'
import { atLeast, complete, elsewhere, flag, invalid, is, wholeNumber } from './parameters.ts'
import { checkTraining, type Training } from './training.ts'
import { type Tree, TreeGrower } from './tree.ts'

/** scikit-learn's parameters of RandomForestClassifier with criterion gini, with its meanings. */
export interface RandomForestParameters {
  readonly nEstimators: number
  /** Most splits between root and leaf; undefined for no limit. */
  readonly maxDepth: number | undefined
  readonly minSamplesSplit: number
  readonly minSamplesLeaf: number
  /** Features a split looks at: `sqrt` of all, `log2` of them, or a number. */
  readonly maxFeatures: 'sqrt' | 'log2' | number
  /** Whether each tree gets as many rows drawn with repetition. */
  readonly bootstrap: boolean
  readonly classWeight: ClassWeight | undefined
  readonly randomState: number
}

const DEFAULTS: RandomForestParameters = {
  nEstimators: 100,
  maxDepth: undefined,
  minSamplesSplit: 2,
  minSamplesLeaf: 1,
  maxFeatures: 'sqrt',
  bootstrap: true,
  classWeight: undefined,
  randomState: 0,
}

/** @throws PressroomError `invalid-parameter` with the first that is wrong. */
export function randomForestParameters(given: Partial<RandomForestParameters>): RandomForestParameters {
  return complete(
    DEFAULTS,
    {
      nEstimators: atLeast(1),
      maxDepth: (name, value) => value === undefined || atLeast(1)(name, value),
      minSamplesSplit: atLeast(2),
      minSamplesLeaf: atLeast(1),
      maxFeatures: (name, value) => {
        if (value === 'sqrt' || value === 'log2' || (typeof value === 'number' && value >= 1)) return
        throw invalid(name, is(value), 'give sqrt, log2 or a number from 1 up')
      },
      bootstrap: flag,
      classWeight: elsewhere,
      randomState: wholeNumber,
    },
    given,
  )
}

/**
 * A random forest (L. Breiman, Random Forests, Machine Learning 45 (2001), 5-32). Each tree's draws come from the seed and its
 * number alone, so that it does not matter who grows it, or when.
 *
 * @param control `onTree` is called after each tree
 * @throws PressroomError `invalid-parameter`, `invalid-rows`, `no-rows`, `too-few-classes`; `cancelled` when the signal aborts.
 */
export async function fitRandomForest(
  training: Training,
  given: Partial<RandomForestParameters> = {},
  control: {
    readonly signal?: AbortSignal | undefined
    readonly onTree?: (trees: number, of: number) => void
  } = {},
): Promise<RandomForestModel> {
  const parameters = randomForestParameters(given)
  checkTraining(training)
  const { matrix, labels, classes } = training
  const pace = paceOf(control.signal)
  const grower = new TreeGrower(matrix, labels, classes, limitsOf(parameters, matrix.columns))
  const weights = rowWeights(training, parameters.classWeight)
  const trees: Tree[] = []
  while (trees.length < parameters.nEstimators) {
    await pace.turn()
    const random = randomFrom(parameters.randomState * 1_000_003 + trees.length)
    trees.push(grower.grow(drawRows(weights, parameters.bootstrap, random), random))
    control.onTree?.(trees.length, parameters.nEstimators)
  }
  return join(trees, classes, matrix.columns)
}

function limitsOf(parameters: RandomForestParameters, features: number) {
  const { maxDepth = Infinity, minSamplesSplit, minSamplesLeaf, maxFeatures } = parameters
  const rule = { sqrt: Math.sqrt(features), log2: Math.log2(features) }
  const looked = Math.max(1, Math.floor(typeof maxFeatures === 'number' ? maxFeatures : rule[maxFeatures]))
  return { maxDepth, minSamplesSplit, minSamplesLeaf, maxFeatures: Math.min(looked, features) }
}

function rowWeights(training: Training, classWeight: ClassWeight | undefined): Float64Array {
  const ofClass = classWeights(training, classWeight)
  return Float64Array.from(
    training.labels,
    (label, row) => ofClass[label]! * (training.sampleWeight?.[row] ?? 1),
  )
}

/** How much each row counts in one tree: how often it was drawn, times its own weight. */
function drawRows(weights: Float64Array, bootstrap: boolean, random: Random): Float64Array {
  if (!bootstrap) return weights
  const drawn = new Float64Array(weights.length)
  for (let i = 0; i < weights.length; i++) {
    const row = random.next(weights.length)
    drawn[row]! += weights[row]!
  }
  return drawn
}

function join(trees: readonly Tree[], classes: number, features: number): RandomForestModel {
  const roots = new Int32Array(trees.length)
  let nodes = 0
  trees.forEach((tree, t) => {
    roots[t] = nodes
    nodes += tree.split.length
  })
  const moved = (pick: (tree: Tree) => readonly number[]) =>
    Int32Array.from(trees.flatMap((tree, t) => pick(tree).map(node => (node < 0 ? -1 : node + roots[t]!))))
  return {
    kind: 'random-forest',
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
