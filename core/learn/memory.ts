import { PressroomError } from '../errors.ts'
import { MEMORY } from './lbfgs.ts'
import type { Learner } from './learner.ts'
import type { NbWeightedParameters } from './nb-weighted.ts'

/** What a fit's memory hangs on. */
export interface FitSize {
  readonly learner:
    | 'logistic-regression'
    | 'linear-svm'
    | 'naive-bayes'
    | 'complement-naive-bayes'
    | 'nb-weighted'
    | 'mlp'
  readonly rows: number
  /** Values in the matrix that are not 0. */
  readonly entries: number
  readonly features: number
  readonly classes: number
  /** Whether the penalty has an L1 part, which takes the matrix by columns as well. Default: no. */
  readonly l1?: boolean
  /** Default: multinomial. */
  readonly multiClass?: 'multinomial' | 'ovr'
  /** For 'nb-weighted'. Default: 'linear-svm'. */
  readonly inner?: NbWeightedParameters['model']
  /** For 'mlp': units of the first layer, whose weights are nearly all. Default: 100. */
  readonly hidden?: number
}

const DOUBLE = 8
const SINGLE = 4
const INT = 4
/** One-vs-rest problems solved at once (lanes.ts), but for the dual solver, which takes one. */
const GROUP = 4

/** Bytes of the matrix itself, which is there before the fit and stays. */
function matrixBytes({ rows, entries }: Pick<FitSize, 'rows' | 'entries'>): number {
  return entries * (INT + DOUBLE) + (rows + 1) * INT
}

/** Bytes at the fit's peak: the matrix, the model, and what the solver keeps beside them. */
export function fitBytes(size: FitSize): number {
  const { learner, rows, features, classes } = size
  const model = (features + 1) * classes * DOUBLE
  // Weights in single precision, with their gradients and the two moments of Adam; a copy of the best.
  if (learner === 'mlp') return matrixBytes(size) + 5 * SINGLE * features * (size.hidden ?? 100)
  const base = matrixBytes(size) + model + rows * (INT + 2 * DOUBLE)
  if (learner === 'naive-bayes' || learner === 'complement-naive-bayes') return base
  const svm = learner === 'linear-svm' || size.inner !== 'logistic-regression'
  const dual = learner === 'linear-svm' || (learner === 'nb-weighted' && svm)
  const softmax = learner === 'logistic-regression' && size.multiClass !== 'ovr'
  const width = classes === 2 || (dual && !size.l1) ? 1 : softmax ? classes : Math.min(classes, GROUP)
  const weights = (features + 1) * width * DOUBLE
  // The ratios of all classes, and their group's.
  const scaled = learner === 'nb-weighted' ? model + weights : 0
  if (size.l1) return base + scaled + matrixBytes(size) * 2 + rows * width * DOUBLE + weights
  // Weights and the squares of their scale; of a row its norm, its place, and four numbers.
  if (dual) return base + scaled + weights * (scaled > 0 ? 2 : 1) + rows * (5 * DOUBLE + INT)
  // Two points with their gradients, the weights of one, direction and curvature; the history in single precision.
  return base + scaled + weights * 7 + 2 * MEMORY * (weights / DOUBLE) * SINGLE
}

/**
 * Refuses a fit that the machine has no room for, before it starts.
 *
 * @param available bytes; by default what this process may still take
 * @throws PressroomError `not-enough-memory` that says what takes most of it and what to lower.
 */
export function requireMemory(size: FitSize, available = process.availableMemory()): void {
  const needed = fitBytes(size)
  const more = needed - matrixBytes(size)
  if (more <= available) return
  const { features, classes } = size
  const large = features * classes * DOUBLE > matrixBytes(size)
  const ovr = size.learner === 'logistic-regression' && size.multiClass !== 'ovr' && classes > GROUP
  const fixes = [
    large
      ? `lower the features below ${features.toLocaleString('en')} (maxFeatures, minDf)`
      : 'give fewer rows',
    ...(ovr ? ["fit one-vs-rest (multiClass 'ovr')"] : []),
    'give the process more memory',
  ]
  throw new PressroomError(
    'not-enough-memory',
    `the fit needs ${binarySize(more)}, and ${binarySize(available)} are left`,
    {
      where: `${size.rows.toLocaleString('en')} rows, ${features.toLocaleString('en')} features, ${classes.toLocaleString('en')} classes`,
      fix: fixes.join(', or '),
    },
  )
}

/** What the rows of a fit are like. */
export type RowsSize = Pick<FitSize, 'rows' | 'entries' | 'features' | 'classes'>

/**
 * {@link requireMemory} for a learner, or each of those that vote. Forests and kernel machines are not estimated: theirs hangs on
 * what the rows are like.
 */
export function requireMemoryFor(learner: Learner, rows: RowsSize, available?: number): void {
  for (const size of sizesOf(learner, rows)) requireMemory(size, available)
}

/** Bytes at the peak of a learner's fit, the matrix included; those that vote are fitted one after the other. */
export function learnerBytes(learner: Learner, rows: RowsSize): number {
  return Math.max(matrixBytes(rows), ...sizesOf(learner, rows).map(fitBytes))
}

/** A size a fit that can be estimated. */
function sizesOf(learner: Learner, rows: RowsSize): FitSize[] {
  switch (learner.kind) {
    case 'voting':
      return learner.learners.flatMap(each => sizesOf(each, rows))
    case 'random-forest':
    case 'kernel-svm':
      return []
    case 'mlp': {
      const [hidden = rows.classes] = learner.parameters?.hiddenLayerSizes ?? [100]
      return [{ learner: 'mlp', hidden, ...rows }]
    }
    case 'logistic-regression': {
      const { penalty, multiClass = 'multinomial' } = learner.parameters ?? {}
      const l1 = penalty === 'l1' || penalty === 'elasticnet'
      return [{ learner: learner.kind, multiClass, l1, ...rows }]
    }
    case 'linear-svm':
      return [{ learner: learner.kind, l1: learner.parameters?.penalty === 'l1', ...rows }]
    case 'nb-weighted': {
      const { model: inner = 'linear-svm', parameters } = learner.parameters ?? {}
      return [{ learner: learner.kind, inner, l1: parameters?.penalty === 'l1', ...rows }]
    }
    default:
      return [{ learner: learner.kind, ...rows }]
  }
}

/** Bytes for a person: `1.5 GiB`, below that `340 MiB`. */
export function binarySize(bytes: number): string {
  return bytes < 2 ** 30 ? `${Math.ceil(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`
}
