import { type Row, wordsOf } from '../../core/data/index.ts'
import {
  bootstrapF1,
  brierScore,
  calibrationError,
  type Interval,
  type Judgement,
  judge,
  logLoss,
  type RankingPoint,
  type ReliabilityBin,
  rankAll,
  rankClass,
  reliability,
  type Slice,
  sliceByLength,
  sliceByValue,
  wilsonInterval,
} from '../../core/judge/index.ts'
import { indexLabels } from '../../core/model/index.ts'
import type { Baselines } from './baselines.ts'

interface ClassMetrics {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  /** What 95 % of the draws lie within; one that misses the class counts as 0. Left out without test rows. */
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
  /** By the bootstrap, 95 %: the figure and 1.96 standard deviations of the draws; left out when nothing was resampled. */
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

/** What a model said of the test rows, one after another. */
export interface Answers {
  /** The most probable class of each row, in the order of the labels. */
  readonly predicted: Int32Array
  /** `rows × classes`. */
  readonly probabilities: Float64Array
}

/** How one class is told from the rest, by fewer points than it has thresholds. */
export interface ClassCurve {
  readonly name: string
  readonly points: readonly RankingPoint[]
}

/** An evaluation with what its charts are drawn from. */
export interface Evaluation {
  readonly metrics: Metrics
  readonly confusion: Judgement['confusion']
  /** Of the hardest classes that have one, in the order of the labels. */
  readonly classCurves: readonly ClassCurve[]
  /** The ROC curve over all classes: each against the rest, all in one ranking. */
  readonly pooled: readonly RankingPoint[]
  readonly reliability: readonly ReliabilityBin[]
}

/** Lines beyond these cannot be told apart; the hardest classes are drawn. */
const DRAWN_CLASSES = 6
export const CURVE_POINTS = 120
/** As many as a curve needs; Kubeflow keeps them with the artifact. */
const POOLED_POINTS = 100

/** Judges what a model said of the rows. `resamples` 0 leaves the bootstrap out. */
export function measure(
  rows: readonly Row[],
  { predicted, probabilities }: Answers,
  labels: readonly string[],
  bootstrap: { readonly resamples: number; readonly seed: number },
): Evaluation {
  const truth = indexLabels(rows, labels, 'test')
  const { classes, confusion, ...overall } = judge(truth, predicted, labels)
  const rankings = labels.map((_, k) => rankClass(truth, probabilities, labels.length, k, 0))
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
          ...(intervals && shares.support > 0 && { f1Interval: intervals.classes[k]! }),
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
  const classCurves = hardest(metrics, labels).map((k): ClassCurve => {
    const { points } = rankClass(truth, probabilities, labels.length, k, CURVE_POINTS)
    return { name: labels[k]!, points }
  })
  const pooled = rankAll(truth, probabilities, labels.length, POOLED_POINTS).points
  return { metrics, confusion, classCurves, pooled, reliability: bins }
}

/** The classes with the lowest F1, of those that have a ROC curve. */
function hardest({ classes }: Metrics, labels: readonly string[]): readonly number[] {
  return labels
    .map((name, k) => ({ k, ...classes[name]! }))
    .filter(({ rocAuc }) => rocAuc !== undefined)
    .sort((a, b) => a.f1 - b.f1)
    .slice(0, DRAWN_CLASSES)
    .map(({ k }) => k)
    .sort((a, b) => a - b)
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
