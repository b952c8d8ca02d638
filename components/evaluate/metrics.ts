import { type Row, wordsOf } from '../../core/data/index.ts'
import {
  bootstrapF1,
  brierScore,
  calibrationError,
  type Interval,
  type Judgement,
  judge,
  logLoss,
  type Ranking,
  type ReliabilityBin,
  rankAll,
  rankClass,
  reliability,
  type Slice,
  sliceByLength,
  sliceByValue,
} from '../../core/judge/index.ts'
import { fitNaiveBayes, likeliest, linearProbabilities, majorityClass } from '../../core/learn/index.ts'
import { indexLabels, type ModelInfo, type Prediction } from '../../core/model/index.ts'
import { type FeatureSettings, fitFeatures } from '../../core/text/index.ts'

/** Accuracy and macro F1 of something a model must beat. */
export interface Baseline {
  readonly accuracy: number
  readonly macroF1: number
}

export interface Baselines {
  /** Always the commonest class of the training rows. */
  readonly majority: Baseline
  /** Multinomial naive Bayes on TF-IDF with the model's own text settings. */
  readonly naiveBayes: Baseline
}

interface ClassMetrics {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  /** As that of macro F1. */
  readonly f1Interval?: Interval
  readonly support: number
  /** One class against the rest; left out where the test rows have only one of the two. */
  readonly rocAuc?: number
  readonly averagePrecision?: number
}

/** What evaluate writes as its metrics; all shares are from 0 to 1. */
export interface Metrics {
  readonly accuracy: number
  /** Within which the accuracy on all such rows lies, with 95 % confidence: Wilson's. */
  readonly accuracyInterval: Interval
  readonly balancedAccuracy: number
  readonly macroPrecision: number
  readonly macroRecall: number
  readonly macroF1: number
  /** By the bootstrap, 95 %; left out when nothing was resampled. */
  readonly macroF1Interval?: Interval
  readonly weightedPrecision: number
  readonly weightedRecall: number
  readonly weightedF1: number
  /** With one class a row, micro precision, recall and F1 are all the accuracy; given because tools ask for it. */
  readonly microPrecision: number
  readonly microRecall: number
  readonly microF1: number
  /** In nats a row. */
  readonly logLoss: number
  readonly brier: number
  readonly calibrationError: number
  /** The mean over the classes that have one. */
  readonly macroRocAuc?: number
  readonly macroAveragePrecision?: number
  readonly rows: number
  readonly classes: Readonly<Record<string, ClassMetrics>>
  readonly slices: readonly Slice[]
  readonly baselines?: Baselines
}

/** An evaluation with what its charts are drawn from. */
export interface Evaluation {
  readonly metrics: Metrics
  readonly confusion: Judgement['confusion']
  /** One a class, in the order of the labels. */
  readonly rankings: readonly Ranking[]
  /** The micro-average of the rankings. */
  readonly pooled: Ranking
  readonly reliability: readonly ReliabilityBin[]
}

/** Judges predictions, one a row, in the order of `labels`. `resamples` 0 leaves the bootstrap out. */
export function measure(
  rows: readonly Row[],
  predictions: readonly Prediction[],
  labels: readonly string[],
  bootstrap: { readonly resamples: number; readonly seed: number },
): Evaluation {
  const truth = indexLabels(rows, labels, 'test')
  const probabilities = Float64Array.from(predictions.flatMap(each => [...each.probabilities]))
  const predicted = likeliest(probabilities, labels.length)
  const { classes, confusion, ...overall } = judge(truth, predicted, labels)
  const rankings = labels.map((_, k) => rankClass(truth, probabilities, labels.length, k))
  const bins = reliability(truth, predicted, probabilities, labels.length)
  const intervals =
    bootstrap.resamples > 0 ? bootstrapF1(truth, predicted, labels.length, bootstrap) : undefined
  const macroRocAuc = meanOf(rankings.map(each => each.rocAuc))
  const macroAveragePrecision = meanOf(rankings.map(each => each.averagePrecision))
  const metrics: Metrics = {
    accuracy: overall.accuracy,
    accuracyInterval: wilsonInterval(overall.accuracy, rows.length),
    balancedAccuracy: overall.balancedAccuracy,
    macroPrecision: overall.macroPrecision,
    macroRecall: overall.macroRecall,
    macroF1: overall.macroF1,
    ...(intervals && { macroF1Interval: intervals.macroF1 }),
    weightedPrecision: overall.weightedPrecision,
    weightedRecall: overall.accuracy,
    weightedF1: overall.weightedF1,
    microPrecision: overall.accuracy,
    microRecall: overall.accuracy,
    microF1: overall.accuracy,
    logLoss: logLoss(truth, probabilities, labels.length),
    brier: brierScore(truth, probabilities, labels.length),
    calibrationError: calibrationError(bins),
    ...(macroRocAuc !== undefined && { macroRocAuc }),
    ...(macroAveragePrecision !== undefined && { macroAveragePrecision }),
    rows: rows.length,
    classes: Object.fromEntries(
      classes.map(({ name, ...shares }, k) => {
        const { rocAuc, averagePrecision } = rankings[k]!
        const more = {
          ...(intervals && { f1Interval: intervals.classes[k]! }),
          ...(rocAuc !== undefined && { rocAuc }),
          ...(averagePrecision !== undefined && { averagePrecision }),
        }
        return [name, { ...shares, ...more }]
      }),
    ),
    slices: slicesOf(
      rows,
      Array.from(truth, (label, row) => label === predicted[row]),
    ),
  }
  const pooled = rankAll(truth, probabilities, labels.length)
  return { metrics, confusion, rankings, pooled, reliability: bins }
}

/** By length, where there are texts, and by every column that the rows kept. */
function slicesOf(rows: readonly Row[], right: readonly boolean[]): readonly Slice[] {
  const words = rows.map(({ text }) => wordsOf(text))
  const columns = [...new Set(rows.flatMap(row => Object.keys(row.columns ?? {})))].sort()
  return [
    ...(words.some(count => count > 0) ? sliceByLength(words, right) : []),
    ...columns.flatMap(name => {
      const values = rows.map(row => row.columns?.[name])
      // Not to be taken for the length of the text.
      return sliceByValue(name === 'length' ? 'column length' : name, values, right)
    }),
  ]
}

function meanOf(values: readonly (number | undefined)[]): number | undefined {
  const there = values.filter(value => value !== undefined)
  return there.length === 0 ? undefined : there.reduce((a, b) => a + b, 0) / there.length
}

/**
 * What two simple classifiers, fitted on `train`, make of the same test rows. Naive Bayes has the model's own features, as far as
 * they can be counts of a kind.
 */
export async function measureBaselines(
  train: readonly Row[],
  test: readonly Row[],
  info: ModelInfo,
  signal?: AbortSignal,
): Promise<Baselines> {
  const { labels } = info
  const truth = indexLabels(test, labels, 'test')
  const known = indexLabels(train, labels, 'training')
  const baseline = (predicted: Int32Array): Baseline => {
    const { accuracy, macroF1 } = judge(truth, predicted, labels)
    return { accuracy, macroF1 }
  }
  const { features, matrix } = await fitFeatures(train, known, withoutSigns(info.settings), { signal })
  const naiveBayes = fitNaiveBayes({ matrix, labels: known, classes: labels.length })
  const probabilities = linearProbabilities(naiveBayes, features.transform(test))
  return {
    majority: baseline(new Int32Array(test.length).fill(majorityClass(known, labels.length))),
    naiveBayes: baseline(likeliest(probabilities, labels.length)),
  }
}

/** The same features, none below 0: numbers from 0 to 1, hashes without signs. */
function withoutSigns({ text, columns, select }: FeatureSettings): FeatureSettings {
  const unsigned = Object.entries(text).map(([name, settings]) => {
    return [name, settings.vectorizer === 'hashing' ? { ...settings, alternateSign: false } : settings]
  })
  const scaled = Object.entries(columns).map(([name, settings]) => {
    return [name, settings.kind === 'numeric' ? { ...settings, scale: 'minmax' } : settings]
  })
  return { text: Object.fromEntries(unsigned), columns: Object.fromEntries(scaled), select }
}

/**
 * The 95 % score interval of a share seen in `n` trials. It stays within 0 and 1 and is right for few trials too.
 * E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927), 209-212.
 */
export function wilsonInterval(share: number, n: number): Interval {
  const z = 1.959963984540054
  const scale = 1 + z ** 2 / n
  const centre = (share + z ** 2 / (2 * n)) / scale
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2))
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) }
}
