import type { Row } from '../../core/data/index.ts'
import {
  fitNaiveBayes,
  type Judgement,
  judge,
  likeliest,
  linearProbabilities,
  logLoss,
  majorityClass,
} from '../../core/learn/index.ts'
import { indexLabels, type ModelInfo, type Prediction } from '../../core/model/index.ts'
import { fitTfidf } from '../../core/text/index.ts'

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

/** What evaluate writes as its metrics; all shares are from 0 to 1. */
export interface Metrics {
  readonly accuracy: number
  /** Within which the accuracy on all such rows lies, with 95 % confidence. */
  readonly accuracyInterval: { readonly low: number; readonly high: number }
  readonly macroPrecision: number
  readonly macroRecall: number
  readonly macroF1: number
  /** In nats a row. */
  readonly logLoss: number
  readonly rows: number
  readonly classes: Readonly<
    Record<
      string,
      {
        readonly precision: number
        readonly recall: number
        readonly f1: number
        readonly support: number
      }
    >
  >
  readonly baselines?: Baselines
}

/** Judges predictions, one a row, in the order of `labels`. */
export function measure(
  rows: readonly Row[],
  predictions: readonly Prediction[],
  labels: readonly string[],
): { metrics: Metrics; confusion: Judgement['confusion'] } {
  const truth = indexLabels(rows, labels, 'test')
  const probabilities = Float64Array.from(predictions.flatMap(each => [...each.probabilities]))
  const { classes, confusion, ...overall } = judge(truth, likeliest(probabilities, labels.length), labels)
  return {
    metrics: {
      accuracy: overall.accuracy,
      accuracyInterval: wilsonInterval(overall.accuracy, rows.length),
      macroPrecision: overall.macroPrecision,
      macroRecall: overall.macroRecall,
      macroF1: overall.macroF1,
      logLoss: logLoss(truth, probabilities, labels.length),
      rows: rows.length,
      classes: Object.fromEntries(classes.map(({ name, ...shares }) => [name, shares])),
    },
    confusion,
  }
}

/** What two simple classifiers, fitted on `train`, make of the same test rows. */
export function measureBaselines(train: readonly Row[], test: readonly Row[], info: ModelInfo): Baselines {
  const { labels } = info
  const truth = indexLabels(test, labels, 'test')
  const known = indexLabels(train, labels, 'training')
  const baseline = (predicted: Int32Array): Baseline => {
    const { accuracy, macroF1 } = judge(truth, predicted, labels)
    return { accuracy, macroF1 }
  }
  const texts = (rows: readonly Row[]) => rows.map(row => row.text)
  const { features, matrix } = fitTfidf(texts(train), info.text)
  const naiveBayes = fitNaiveBayes(matrix, known, labels.length)
  const probabilities = linearProbabilities(naiveBayes, features.transform(texts(test)))
  return {
    majority: baseline(new Int32Array(test.length).fill(majorityClass(known, labels.length))),
    naiveBayes: baseline(likeliest(probabilities, labels.length)),
  }
}

/**
 * The 95 % score interval of a share seen in `n` trials. It stays within 0 and 1 and is right for few trials too.
 * E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927), 209-212.
 */
export function wilsonInterval(share: number, n: number): { low: number; high: number } {
  const z = 1.959963984540054
  const scale = 1 + z ** 2 / n
  const centre = (share + z ** 2 / (2 * n)) / scale
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2))
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) }
}
