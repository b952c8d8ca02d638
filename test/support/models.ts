import { type FittedModel, fitLearner, type Learner } from '../../core/learn/index.ts'
import {
  type FittedInfo,
  type Model,
  type Precision,
  type Prediction,
  sealModel,
} from '../../core/model/index.ts'
import { type FeatureSettingsInput, fitFeatures } from '../../core/text/index.ts'

interface Row {
  readonly text: string
  readonly label: string
  readonly columns?: Readonly<Record<string, string>>
}

/** Twelve headlines, enough for a model that tells ball games from banks. */
export const HEADLINES: readonly Row[] = [
  { text: 'Keeper saves late penalty as rovers win the cup', label: 'Sports' },
  { text: 'Striker scores twice and the league title is near', label: 'Sports' },
  { text: 'Coach praises young striker after cup win', label: 'Sports' },
  { text: 'Runner breaks the marathon record in the rain', label: 'Sports' },
  { text: 'Late penalty decides the league derby', label: 'Sports' },
  { text: 'Rain stops the cup final before the penalty', label: 'Sports' },
  { text: 'Central bank raises rates as prices climb', label: 'Business' },
  { text: 'Shares fall after the bank warns of losses', label: 'Business' },
  { text: 'Retailer cuts prices and shares climb', label: 'Business' },
  { text: 'Oil firm buys rival as rates fall', label: 'Business' },
  { text: 'Bank profits climb while rates stay high', label: 'Business' },
  { text: 'Carmaker warns of losses as prices fall', label: 'Business' },
]

const SMALL: FeatureSettingsInput = {
  text: { text: { stopWords: 'english', ngramRange: [1, 2], maxFeatures: 10_000, sublinearTf: true } },
}

/** Fits and seals a real model. `c` is the inverse penalty: another value makes another model of the same rows. */
export async function sealHeadlines(folder: string, rows = HEADLINES, c = 1): Promise<void> {
  await sealFitted(folder, { kind: 'logistic-regression', parameters: { c, tol: 1e-7 } }, { rows })
}

/** What is fitted beside a learner. */
interface Fitting {
  readonly rows?: readonly Row[]
  readonly settings?: FeatureSettingsInput
  readonly precision?: Precision
}

/** Fits any learner on any features, and seals it. */
export async function sealFitted(
  folder: string,
  learner: Learner,
  { rows = HEADLINES, settings = SMALL, precision = 'float32' }: Fitting = {},
): Promise<FittedModel> {
  const labels = [...new Set(rows.map(row => row.label))].sort()
  const { features, matrix } = await fitFeatures(
    rows,
    rows.map(row => row.label),
    settings,
  )
  const classes = Int32Array.from(rows, row => labels.indexOf(row.label))
  const training = { matrix, labels: classes, classes: labels.length }
  const { model, curves } = await fitLearner(training, learner, { keepCurves: true })
  await sealModel(folder, {
    features,
    model,
    learner,
    labels,
    validation: rows.slice(0, 60),
    metrics: {},
    curves,
    precision,
    fingerprints: { data: 'sha256:test', code: `test ${JSON.stringify(learner)}` },
  })
  return model
}

/** What a folder says of a model that Pressroom computes itself. */
export function fittedInfo({ info }: Model): FittedInfo {
  if ('settings' in info) return info
  throw new Error(`the model is ${info.engine}`)
}

/** What a {@link fakeModel} lets a test see and hold. */
export interface Fake extends Model {
  /** Resolves every prediction that waits; later ones do not wait. */
  release(): void
  readonly disposed: () => boolean
}

/** A model without learning: it always answers `label`, and can be told to wait. */
export function fakeModel(options: { label?: string; holds?: boolean; fails?: Error } = {}): Fake {
  const { label = 'Sports', holds = false, fails } = options
  const labels = ['Business', 'Sports']
  const gate = Promise.withResolvers<void>()
  if (!holds) gate.resolve()
  let disposed = false
  const answer = (): Prediction => ({
    label,
    probabilities: Float64Array.from(labels, name => (name === label ? 0.75 : 0.25)),
  })
  return {
    info: { labels, engine: 'linear', features: 2, metrics: {}, golden: [] } as unknown as Model['info'],
    runtime: 'pressroom',
    async predict(texts) {
      await gate.promise
      if (disposed) throw new Error('asked after it was disposed')
      if (fails !== undefined) throw fails
      return texts.map(answer)
    },
    async explain() {
      return [{ ngram: 'late penalty', contributions: Float64Array.of(-0.5, 0.5) }]
    },
    release: () => gate.resolve(),
    disposed: () => disposed,
    async [Symbol.asyncDispose]() {
      disposed = true
    },
  }
}
