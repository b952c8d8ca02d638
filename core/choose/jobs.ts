import { type ErrorCode, PressroomError } from '../errors.ts'
import { judge } from '../judge/index.ts'
import {
  type Fit,
  fitAlong,
  fitLearner,
  fitLinearSvm,
  fitLogisticRegression,
  type Learner,
  type LearnerFit,
  type LinearSvmModel,
  type LogisticRegressionModel,
  likeliest,
  openClassifier,
  requireMemoryFor,
  type SparseMatrix,
  type Training,
} from '../learn/index.ts'
import { type FeatureSettingsInput, fitFeatures } from '../text/index.ts'
import { heldOut, type Split, trainedOn } from './folds.ts'
import { rowsAt, type SharedRows, shareMatrix } from './shared.ts'

/** What every job of a search looks at; threads share its rows. */
export interface World {
  readonly rows: SharedRows
  readonly split: Split
}

/** Makes the matrices of a fold: features fitted on the rows that it trains on, and on nothing else. */
export interface FeaturesJob {
  readonly kind: 'features'
  readonly fold: number
  /** Of the rows that the fold trains on. */
  readonly share: number
  readonly settings: FeatureSettingsInput
}

/** Fits learners one after the other on the matrices of a fold, and asks each for the rows held out. */
export interface FitJob {
  readonly kind: 'fit'
  readonly fold: number
  readonly share: number
  readonly matrices: Matrices
  readonly chain: Chain
}

export type Job = FeaturesJob | FitJob

/** Learners that differ in C alone, each fitted from the one before; or one. */
type Chain = readonly Learner[]

export interface Matrices {
  readonly train: SparseMatrix
  readonly held: SparseMatrix
}

/** How a learner did on one fold. */
export interface FoldScore {
  readonly accuracy: number
  readonly macroF1: number
  /** Milliseconds of the fit. */
  readonly milliseconds: number
  readonly columns: number
  /** Of the fitted model's numbers in memory. */
  readonly bytes: number
  readonly rows: number
  readonly converged: boolean
}

/** Why a candidate has no score: its own fault, which ends no search. */
export interface Failure {
  readonly code: ErrorCode
  readonly message: string
}

export type FeaturesResult =
  | { readonly matrices: Matrices; readonly milliseconds: number }
  | { readonly failure: Failure }
export type FitResult = { readonly scores: readonly FoldScore[] } | { readonly failure: Failure }

export interface JobControl {
  readonly signal?: AbortSignal | undefined
  /** Whether other threads are to see the matrices. */
  readonly shared: boolean
}

/** @throws PressroomError `cancelled` when the signal aborts; whatever is no fault of the candidate's */
export async function makeFeatures(
  { rows, split }: World,
  { fold, share, settings }: FeaturesJob,
  { shared }: JobControl,
): Promise<FeaturesResult> {
  return attempt(async () => {
    const begun = performance.now()
    const trained = trainedOn(split, fold, share)
    const labels = trained.map(row => split.labels[row]!)
    const { features, matrix } = await fitFeatures(rowsAt(rows, trained), labels, settings)
    const held = features.transform(rowsAt(rows, heldOut(split, fold)))
    const matrices = shared
      ? { train: shareMatrix(matrix), held: shareMatrix(held) }
      : { train: matrix, held }
    return { matrices, milliseconds: performance.now() - begun }
  })
}

/** @throws as {@link makeFeatures} */
export async function fitChain(
  { split }: World,
  { fold, share, matrices, chain }: FitJob,
  { signal }: JobControl,
): Promise<FitResult> {
  const labels = trainedOn(split, fold, share).map(row => split.labels[row]!)
  const truth = heldOut(split, fold).map(row => split.labels[row]!)
  const { names } = split
  const training: Training = { matrix: matrices.train, labels, classes: names.length, names }
  return attempt(async () => {
    requireMemoryFor(chain[0]!, {
      rows: labels.length,
      entries: matrices.train.indices.length,
      features: matrices.train.columns,
      classes: split.names.length,
    })
    const fits = await timedFits(training, chain, signal)
    const scores = fits.map(({ fit, milliseconds }): FoldScore => {
      const decisions = openClassifier(fit.model).decision(matrices.held)
      const { accuracy, macroF1 } = judge(truth, likeliest(decisions, split.names.length), split.names)
      const columns = matrices.train.columns
      const { converged, model } = fit
      return {
        accuracy,
        macroF1,
        milliseconds,
        columns,
        bytes: bytesOf(model),
        rows: labels.length,
        converged,
      }
    })
    return { scores }
  })
}

interface TimedFit {
  readonly fit: Pick<LearnerFit, 'model' | 'converged'>
  readonly milliseconds: number
}

async function timedFits(
  training: Training,
  chain: Chain,
  signal: AbortSignal | undefined,
): Promise<TimedFit[]> {
  const timed = async <T>(work: () => Promise<T>) => {
    const begun = performance.now()
    return { fit: await work(), milliseconds: performance.now() - begun }
  }
  const [first] = chain as readonly [Learner, ...Learner[]]
  if (chain.length === 1) return [await timed(() => fitLearner(training, first, { signal }))]
  const times = new Map<number, number>()
  const fits = await fitAlong<WarmModel>(chain.map(cOf), async (c, { warmStart }) => {
    const control = { signal, warmStart }
    const { fit, milliseconds } = await timed<Fit<WarmModel>>(() =>
      first.kind === 'linear-svm'
        ? fitLinearSvm(training, { ...first.parameters, c }, control)
        : fitLogisticRegression(training, { ...(first as WarmLearner).parameters, c }, control),
    )
    times.set(c, milliseconds)
    return fit
  })
  return fits.map((fit, i) => ({ fit, milliseconds: times.get(cOf(chain[i]!))! }))
}

type WarmLearner = Extract<Learner, { kind: 'logistic-regression' }>
type WarmModel = LogisticRegressionModel | LinearSvmModel

/** The C of a learner that has one; 1 by default, as the learners have it. */
function cOf(learner: Learner): number {
  return ('parameters' in learner ? (learner.parameters as { c?: number } | undefined)?.c : undefined) ?? 1
}

async function attempt<T>(work: () => Promise<T>): Promise<T | { failure: Failure }> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof PressroomError) || error.code === 'cancelled') throw error
    return { failure: { code: error.code, message: error.message } }
  }
}

/** What a model's arrays hold: the part of it that grows with features, classes, trees and layers. */
function bytesOf(model: unknown): number {
  if (ArrayBuffer.isView(model)) return model.byteLength
  if (Array.isArray(model)) return model.reduce((sum: number, part) => sum + bytesOf(part), 0)
  if (typeof model === 'object' && model !== null) return bytesOf(Object.values(model))
  return typeof model === 'number' ? Float64Array.BYTES_PER_ELEMENT : 0
}
