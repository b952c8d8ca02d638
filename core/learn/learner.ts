import { type CalibrationParameters, fitCalibrated } from './calibration/calibrated.ts'
import { type FittedModel, openClassifier } from './classifier.ts'
import type { Checkpoint, FitProgress } from './control.ts'
import { curvesOf, epochCurve, type FitCurve, noteLoss, type StepLosses } from './curve.ts'
import { fitRandomForest, type RandomForestParameters } from './forest-fit.ts'
import { fitKernelSvm, type KernelSvmParameters } from './kernel-svm.ts'
import type { Fit } from './linear-model.ts'
import { fitLinearSvm, type LinearSvmParameters, type LinearSvmState } from './linear-svm.ts'
import {
  fitLogisticRegression,
  type LogisticRegressionParameters,
  type LogisticRegressionState,
} from './logistic-regression.ts'
import { fitMlp, type MlpEpoch, type MlpParameters, type MlpState } from './mlp-fit.ts'
import {
  type ComplementNaiveBayesParameters,
  fitComplementNaiveBayes,
  fitNaiveBayes,
  type NaiveBayesParameters,
} from './naive-bayes.ts'
import { fitNbWeighted, type NbWeightedParameters } from './nb-weighted.ts'
import { invalid } from './parameters.ts'
import type { Training } from './training.ts'
import { joinVotes, type VotingModel } from './voting.ts'

/** The parameters of each learner, by its kind; scikit-learn's, with its names in camel case. */
interface Parameters {
  'logistic-regression': Partial<LogisticRegressionParameters>
  'linear-svm': Partial<LinearSvmParameters>
  'naive-bayes': Partial<NaiveBayesParameters>
  'complement-naive-bayes': Partial<ComplementNaiveBayesParameters>
  'nb-weighted': NbWeightedParameters
  'kernel-svm': Partial<KernelSvmParameters>
  mlp: Partial<MlpParameters>
  'random-forest': Partial<RandomForestParameters>
}

/** A learner and its parameters, as plain data: what a settings file can say. */
export type Learner =
  | {
      readonly [K in keyof Parameters]: {
        readonly kind: K
        readonly parameters?: Parameters[K]
        readonly calibration?: Partial<CalibrationParameters>
      }
    }[keyof Parameters]
  | {
      readonly kind: 'voting'
      readonly how: VotingModel['how']
      readonly learners: readonly Learner[]
      readonly weights?: readonly number[]
    }

/** What came of fitting a learner. */
export interface LearnerFit {
  readonly model: FittedModel
  /** The objective at the end, where the learner has one. */
  readonly loss: number | undefined
  /** Steps of the solver, of the part that took most; undefined where there are none. */
  readonly iterations: number | undefined
  readonly converged: boolean
  /**
   * Of each fit that the model consists of, where the learner tells a loss: not of naive Bayes, forests and kernel machines. Of a
   * calibration that keeps one model of all rows, that one's. Empty unless {@link LearnerControl.keepCurves} asks for them.
   */
  readonly curves: readonly FitCurve[]
}

export interface LearnerControl {
  readonly signal?: AbortSignal | undefined
  /** A line about how far it is, now and then. */
  readonly onProgress?: (line: string) => void
  /** Default: no. */
  readonly keepCurves?: boolean | undefined
  /** Where parts that were fitted before come from, and what is fitted now goes: logistic regression, SVM and networks between iterations. */
  readonly checkpoint?: Checkpoint<LearnerFit> | undefined
}

/**
 * Fits any learner; with `calibration`, by cross-validation.
 *
 * @throws PressroomError `invalid-parameter`, `invalid-rows`, `no-rows`, `too-few-classes`; `cancelled` when the signal aborts.
 */
export async function fitLearner(
  training: Training,
  learner: Learner,
  control: LearnerControl = {},
): Promise<LearnerFit> {
  if (learner.kind === 'voting') return fitVotes(training, learner, control)
  const { calibration, ...bare } = learner
  if (calibration === undefined) return fitOne(training, bare, control)
  const fits: LearnerFit[] = []
  const fitBase = async (part: Training) => {
    const fit = await fitOne(part, bare, control)
    fits.push(fit)
    return openClassifier(fit.model)
  }
  const model = await fitCalibrated(training, fitBase, calibration, control)
  // The last fits are those of the model: all folds', or the one of all rows.
  const members = fits.slice(-model.members.length)
  const curves = members.flatMap((fit, i) => {
    return members.length === 1 ? fit.curves : fit.curves.map(curve => ({ ...curve, fold: i + 1 }))
  })
  return { ...summed(fits), model, curves }
}

async function fitVotes(
  training: Training,
  { how, learners, weights }: Extract<Learner, { kind: 'voting' }>,
  control: LearnerControl,
): Promise<LearnerFit> {
  const fits: LearnerFit[] = []
  for (const learner of learners) fits.push(await fitLearner(training, learner, control))
  const models = fits.map(fit => fit.model)
  const curves = fits.flatMap((fit, i) => {
    return fit.curves.map(curve => ({ ...curve, learner: `model ${i + 1}: ${curve.learner}` }))
  })
  return { ...summed(fits), model: joinVotes(models, how, weights), curves }
}

/** Of several fits, what can be said of all: their losses have nothing in common. */
function summed(fits: readonly LearnerFit[]): Omit<LearnerFit, 'model' | 'curves'> {
  const iterations = fits.flatMap(fit => fit.iterations ?? [])
  return {
    loss: undefined,
    iterations: iterations.length === 0 ? undefined : Math.max(...iterations),
    converged: fits.every(fit => fit.converged),
  }
}

async function fitOne(
  training: Training,
  learner: Exclude<Learner, { kind: 'voting' }>,
  control: LearnerControl,
): Promise<LearnerFit> {
  const part = control.checkpoint?.nextPart()
  if (part?.done !== undefined) return part.done
  const fit = await fitPart(training, learner, control, part)
  part?.finish(fit)
  return fit
}

/** Where a part stands between two steps. */
interface PartState {
  readonly solver: unknown
  /** Up to there, so that the curve of a resumed fit is whole. */
  readonly losses: StepLosses
}

async function fitPart(
  training: Training,
  learner: Exclude<Learner, { kind: 'voting' }>,
  { signal, onProgress, keepCurves }: LearnerControl,
  part: ReturnType<Checkpoint<LearnerFit>['nextPart']> | undefined,
): Promise<LearnerFit> {
  const { solver: resume, losses }: PartState = (part?.state as PartState | undefined) ?? {
    solver: undefined,
    losses: new Map(),
  }
  const onStep = (step: FitProgress) => {
    if (keepCurves) noteLoss(losses, step)
    onProgress?.(`iteration ${step.iteration}, loss ${step.loss.toPrecision(6)}`)
  }
  const keep = part && ((solver: unknown) => part.keep({ solver, losses } satisfies PartState))
  const control = {
    signal,
    ...((keepCurves || onProgress !== undefined) && { onProgress: onStep }),
    ...(part && { onCheckpoint: keep, checkpointDue: part.due }),
  }
  const withCurve = async (fitting: Promise<Fit<FittedModel>>): Promise<LearnerFit> => {
    return { ...(await fitting), curves: curvesOf(learner.kind, losses) }
  }
  switch (learner.kind) {
    case 'logistic-regression':
      return withCurve(
        fitLogisticRegression(training, learner.parameters, {
          ...control,
          resume: resume as LogisticRegressionState,
        }),
      )
    case 'linear-svm':
      return withCurve(
        fitLinearSvm(training, learner.parameters, { ...control, resume: resume as LinearSvmState }),
      )
    case 'nb-weighted':
      return withCurve(
        fitNbWeighted(training, learner.parameters ?? { model: 'linear-svm' }, {
          ...control,
          resume: resume as LinearSvmState | LogisticRegressionState,
        }),
      )
    case 'naive-bayes':
      return closedForm(fitNaiveBayes(training, learner.parameters))
    case 'complement-naive-bayes':
      return closedForm(fitComplementNaiveBayes(training, learner.parameters))
    case 'kernel-svm': {
      const onPair = (done: number, of: number) => onProgress?.(`${done} of ${of} pairs of classes`)
      return {
        ...(await fitKernelSvm(training, learner.parameters, { signal, onPair })),
        loss: undefined,
        curves: [],
      }
    }
    case 'mlp': {
      const onEpoch = ({ epoch, loss, validationAccuracy: held }: MlpEpoch) => {
        const accuracy = held === undefined ? '' : `, validation accuracy ${held.toPrecision(4)}`
        onProgress?.(`epoch ${epoch}, loss ${loss.toPrecision(4)}${accuracy}`)
      }
      const onCheckpoint = keep && ((state: MlpState) => part?.due() && keep(state))
      const { model, curve, converged } = await fitMlp(training, learner.parameters, {
        ...{ signal, onEpoch },
        ...(onCheckpoint && { onCheckpoint }),
        ...(resume !== undefined && { resume: resume as MlpState }),
      })
      const curves = keepCurves ? [epochCurve(learner.kind, curve)] : []
      return { model, loss: curve.at(-1)?.loss, iterations: curve.length, converged, curves }
    }
    case 'random-forest': {
      const onTree = (trees: number, of: number) => onProgress?.(`${trees} of ${of} trees`)
      const model = await fitRandomForest(training, learner.parameters, { signal, onTree })
      return { model, loss: undefined, iterations: undefined, converged: true, curves: [] }
    }
    default:
      throw invalid(
        'kind',
        `is ${(learner as { kind: unknown }).kind}`,
        `give one of ${LEARNER_KINDS.join(', ')}`,
      )
  }
}

/** Every kind of learner, in the order in which people meet them. */
export const LEARNER_KINDS: readonly Learner['kind'][] = [
  'logistic-regression',
  'linear-svm',
  'nb-weighted',
  'naive-bayes',
  'complement-naive-bayes',
  'mlp',
  'random-forest',
  'kernel-svm',
  'voting',
]

function closedForm(model: FittedModel): LearnerFit {
  return { model, loss: undefined, iterations: undefined, converged: true, curves: [] }
}
