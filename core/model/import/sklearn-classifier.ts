import { aNumber, listOf, objectOf, oneOf } from '../../decode.ts'
import type { FittedModel, LinearModel } from '../../learn/index.ts'
import { joinVotes } from '../../learn/voting.ts'
import { own } from '../../object.ts'
import { aFittedModel, arrayOf } from '../fitted-model.ts'
import { aStep, type Dump, learnt, type Step } from './dump.ts'
import { inexpressible, refuse } from './refuse.ts'
import { forestOf } from './sklearn-forest.ts'
import { unwrapped } from './sklearn-steps.ts'

type ModelOf<K extends FittedModel['kind']> = Extract<FittedModel, { kind: K }>

/** What every classifier of a model has in common with all others. */
interface Context {
  readonly classes: number
  readonly features: number
  /** scikit-learn's version, since some of its defaults have changed. */
  readonly version: string
}

const doubles = arrayOf(Float64Array)

/** SGDClassifier's losses whose answer is the largest margin alone. */
const MARGINS: readonly unknown[] = ['hinge', 'squared_hinge', 'perceptron']

/**
 * A fitted classifier as a model of ours that answers the same.
 * @param features columns of the matrix that it is asked about
 * @throws PressroomError `not-importable` that names the classifier and the parameter
 */
export function classifierOf(step: Step, { classes, made }: Dump, features: number): FittedModel {
  const model = convert(step, { classes: classes.length, features, version: made.sklearn })
  try {
    return aFittedModel(model, step.type)
  } catch (error) {
    throw refuse('the classifier does not fit its features', (error as Error).message, {
      fix: 'export the whole Pipeline as it was fitted',
      cause: error,
    })
  }
}

function convert(wrapped: Step, context: Context): FittedModel {
  const step = unwrapped(wrapped)
  const kind = own(KINDS, step.type)
  if (kind !== undefined) return kind(step, context)
  if (step.type === 'Pipeline') {
    throw inexpressible(
      'a classifier inside of another has a Pipeline of its own',
      'fit one vectoriser for all, in front: make_pipeline(TfidfVectorizer(), VotingClassifier(…))',
    )
  }
  throw inexpressible(
    `${step.type} is the classifier`,
    `what comes in is ${Object.keys(KINDS).join(', ')}; with skl2onnx any other may come in by pressroom import onnx`,
  )
}

const KINDS: Readonly<Record<string, (step: Step, context: Context) => FittedModel>> = {
  LogisticRegression(step, context) {
    const multiClass = isOneVsRest(step, context) ? 'ovr' : 'multinomial'
    // Of two classes, what was fitted as multinomial has scores of ±w, everything else of ±w/2.
    const whole = step.params.multi_class === 'multinomial'
    return { kind: 'logistic-regression', multiClass, ...linearOf(step, context, whole ? 1 : 0.5) }
  },
  LinearSVC: (step, context) => ({ kind: 'linear-svm', ...linearOf(step, context) }),
  SGDClassifier(step, context) {
    const { loss } = step.params
    if (loss === 'log_loss' || loss === 'log') {
      return { kind: 'logistic-regression', multiClass: 'ovr', ...linearOf(step, context) }
    }
    if (MARGINS.includes(loss)) return { kind: 'linear-svm', ...linearOf(step, context) }
    throw inexpressible(
      `SGDClassifier.loss is ${JSON.stringify(loss)}`,
      'log_loss, hinge, squared_hinge and perceptron come in',
    )
  },
  MultinomialNB(step, context) {
    const { shape, coefficients, prior } = bayesOf(step, context)
    return { kind: 'naive-bayes', ...shape, coefficients, intercepts: prior }
  },
  ComplementNB(step, context) {
    // The classes' shares play no part in its answer.
    const { shape, coefficients } = bayesOf(step, context)
    const intercepts = new Float64Array(context.classes)
    return { kind: 'complement-naive-bayes', ...shape, coefficients, intercepts }
  },
  MLPClassifier: mlpOf,
  DecisionTreeClassifier: (step, context) => forestOf(step, requireClasses(step, context)),
  RandomForestClassifier: (step, context) => forestOf(step, requireClasses(step, context)),
  ExtraTreesClassifier: (step, context) => forestOf(step, requireClasses(step, context)),
  VotingClassifier(step, context) {
    const { voting, weights } = step.params
    if (voting !== 'soft') {
      throw inexpressible(
        `VotingClassifier.voting is ${JSON.stringify(voting)}`,
        "fit it with voting='soft': a count of votes has no probabilities",
      )
    }
    const { members } = learnt(step, { members: listOf(aStep) })
    const models = members.map(member => convert(member, context))
    return joinVotes(models, 'soft', (weights ?? undefined) as number[] | undefined)
  },
  CalibratedClassifierCV(step, context) {
    const { classes, features } = requireClasses(step, context)
    const { members } = learnt(step, { members: listOf(aMember) })
    return {
      kind: 'calibrated',
      ...{ classes, features },
      members: members.map(({ estimator, calibrators }) => ({
        model: convert(estimator, context),
        // What they are made of is looked at with the whole model.
        calibrators: calibrators as Calibrators,
      })),
    }
  },
}

type Calibrators = ModelOf<'calibrated'>['members'][number]['calibrators']
const aMember = objectOf({ estimator: aStep, calibrators: (value: unknown) => value })

function isOneVsRest({ params }: Step, { classes, version }: Context): boolean {
  const { multi_class: given, solver } = params
  if (given === 'ovr') return true
  const [major = 0, minor = 0] = version.split('.').map(Number)
  // Until 1.7 liblinear fitted several classes, one against the rest; since then it refuses them.
  return given !== 'multinomial' && solver === 'liblinear' && classes > 2 && (major < 1 || minor < 8)
}

/** Coefficients and intercepts; of two classes scikit-learn has one vector, and ours are `-half` and `half` of it. */
function linearOf(step: Step, context: Context, half = 0.5): LinearModel {
  const { classes, features } = requireClasses(step, context)
  const { coef, intercept } = learnt(step, { coef: doubles, intercept: doubles })
  const width = classes === 2 ? 1 : classes
  requireLength(step, coef, width * features)
  // Without an intercept some classifiers keep a single 0.
  const offsets = intercept.length === width ? intercept : new Float64Array(width).fill(intercept[0] ?? 0)
  const shape = { classes, features }
  if (classes !== 2) return { ...shape, coefficients: featureMajor(coef, context), intercepts: offsets }
  return { ...shape, coefficients: bothOf(coef, half), intercepts: bothOf(offsets, half) }
}

function bayesOf(step: Step, context: Context) {
  const { classes, features } = requireClasses(step, context)
  const { feature_log_prob: logs, class_log_prior: prior } = learnt(step, {
    feature_log_prob: doubles,
    class_log_prior: doubles,
  })
  requireLength(step, logs, classes * features)
  return { shape: { classes, features }, coefficients: featureMajor(logs, context), prior }
}

function mlpOf(step: Step, context: Context): ModelOf<'mlp'> {
  const { classes, features } = requireClasses(step, context)
  const { activation } = step.params
  if (activation !== 'relu' && activation !== 'tanh' && activation !== 'logistic') {
    throw inexpressible(
      `MLPClassifier.activation is ${JSON.stringify(activation)}`,
      'relu, tanh and logistic come in; identity is what LogisticRegression does',
    )
  }
  const { coefs, intercepts } = learnt(step, {
    coefs: listOf(objectOf({ inputs: aNumber, outputs: aNumber, weights: doubles })),
    intercepts: listOf(doubles),
    out_activation: oneOf('softmax', 'logistic'),
  })
  const layers: Doubles[] = coefs.map((layer, l) => ({ ...layer, bias: intercepts[l] ?? new Float64Array() }))
  const last = layers.at(-1)
  if (classes === 2 && last?.outputs === 1) layers[layers.length - 1] = withBothClasses(last)
  return { kind: 'mlp', classes, features, activation, layers }
}

type Doubles = { inputs: number; outputs: number; weights: Float64Array; bias: Float64Array }

/** One output with a sigmoid as two with a softmax: `-w / 2` and `w / 2`. */
function withBothClasses({ inputs, weights, bias }: Doubles): Doubles {
  return { inputs, outputs: 2, weights: bothOf(weights, 0.5), bias: bothOf(bias, 0.5) }
}

/** Each number of one vector as the two of both classes. */
function bothOf(values: Float64Array, half: number): Float64Array {
  return Float64Array.from(
    { length: 2 * values.length },
    (_, i) => (i % 2 === 0 ? -half : half) * values[i >> 1]!,
  )
}

/** scikit-learn has a row a class, we a row a feature. */
function featureMajor(rows: Float64Array, { classes, features }: Context): Float64Array {
  const table = new Float64Array(rows.length)
  for (let k = 0, at = 0; k < classes; k++) {
    for (let j = 0; j < features; j++, at++) table[j * classes + k] = rows[at]!
  }
  return table
}

/** A part of an ensemble that has not seen every class answers in an order of its own. */
function requireClasses(step: Step, context: Context): Context {
  const { classes } = learnt(step, { classes: aNumber })
  if (classes === context.classes) return context
  throw inexpressible(
    `${step.type} knows ${classes} of the ${context.classes} classes`,
    'fit it on rows of all classes; with calibration, take fewer folds (cv) than a class has rows',
  )
}

function requireLength({ type }: Step, values: Float64Array, length: number): void {
  if (values.length === length) return
  throw refuse(`${type} does not fit its features`, `it has ${values.length} weights; ${length} are wanted`, {
    fix: 'export the whole Pipeline as it was fitted',
  })
}
