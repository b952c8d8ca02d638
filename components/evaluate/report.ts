import { counted } from '../../core/counted.ts'
import type { Row } from '../../core/data/index.ts'
import type { Interval, Slice } from '../../core/judge/index.ts'
import type { FitCurve } from '../../core/learn/index.ts'
import { escapeMarkdown, markdownTable } from '../../core/report/markdown.ts'
import { formatCount, formatFixedShare, formatShare } from '../../core/report/numbers.ts'
import { shorten } from '../../core/report/shorten.ts'
import type { Baseline } from './baselines.ts'
import type { Answers, Evaluation, Metrics } from './metrics.ts'
import { trainingHead, trainingRows } from './training.ts'

/** As many as a person reads. */
const MISTAKES = 10
const SHOWN_CHARACTERS = 200
/** A matrix of more classes is not read as a table; the pairs confused most often are listed instead. */
export const MATRIX_CLASSES = 25
const CONFUSED_PAIRS = 20

/** The outcome in a line: `accuracy .861 (.83 to .89), macro F1 .859`. */
export function summarise({ accuracy, accuracyInterval: { low, high }, macroF1 }: Metrics): string {
  const interval = `${formatFixedShare(low, 2)} to ${formatFixedShare(high, 2)}`
  return `accuracy ${formatShare(accuracy)} (${interval}), macro F1 ${formatShare(macroF1)}`
}

/** Of fewer rows a class's figures are mostly chance, and a bootstrap has nothing to draw from. */
const FEW_ROWS = 10

/** What is to be known of the figures of the classes, a sentence each. */
export function classNotes(metrics: Metrics): string[] {
  const notes = absentNotes(metrics)
  const few = countClasses(metrics, rows => rows > 0 && rows < FEW_ROWS)
  if (few === undefined) return notes
  return [...notes, `${few} fewer than ${FEW_ROWS} test rows: figures and intervals of so few say little.`]
}

/** Says how many classes were not tested at all; nothing when each has a row. */
export function absentNotes(metrics: Metrics): string[] {
  const absent = countClasses(metrics, rows => rows === 0)
  if (absent === undefined) return []
  return [`${absent} no test row: 0 in macro precision, recall and F1, left out of the other macro figures.`]
}

/** `3 classes have`, for those with so many test rows; undefined when there is none. */
function countClasses({ classes }: Metrics, having: (rows: number) => boolean): string | undefined {
  const count = Object.values(classes).filter(({ support }) => having(support)).length
  return count === 0 ? undefined : counted(count, 'class has', 'classes have')
}

export const CLASS_HEAD = [
  ...['class', 'precision', 'recall', 'F1', 'its 95 % interval', 'ROC AUC', 'average precision', 'rows'],
]

/** A class a row, as {@link CLASS_HEAD} names its cells. */
export function classRows({ classes }: Metrics): string[][] {
  const shown = (share: number | undefined) => (share === undefined ? '' : formatFixedShare(share))
  return Object.entries(classes).map(([name, { precision, recall, f1, f1Interval, ...figures }]) => {
    const interval = f1Interval === undefined ? '' : intervalOf(f1Interval)
    const ranked = [shown(figures.rocAuc), shown(figures.averagePrecision)]
    return [
      name,
      shown(precision),
      shown(recall),
      shown(f1),
      interval,
      ...ranked,
      formatCount(figures.support),
    ]
  })
}

function intervalOf({ low, high }: Interval): string {
  return `${formatFixedShare(low)} to ${formatFixedShare(high)}`
}

/** Figures of the whole, each with what it is called. */
export function overallRows(metrics: Metrics): string[][] {
  const { macroF1Interval: f1, macroRocAuc, macroAveragePrecision } = metrics
  const figures: [string, number | undefined][] = [
    ['balanced accuracy', metrics.balancedAccuracy],
    ['macro precision', metrics.macroPrecision],
    ['macro recall', metrics.macroRecall],
    ['weighted precision', metrics.weightedPrecision],
    ['weighted F1', metrics.weightedF1],
    ['macro ROC AUC', macroRocAuc],
    ['macro average precision', macroAveragePrecision],
    ['log loss', metrics.logLoss],
    ['Brier score', metrics.brier],
    ['expected calibration error', metrics.calibrationError],
  ]
  return [
    ...(f1 === undefined ? [] : [['macro F1, 95 % interval', intervalOf(f1)]]),
    ...figures.flatMap(([name, value]) => (value === undefined ? [] : [[name, formatFixedShare(value)]])),
  ]
}

/** The model beside what it must beat. */
export function comparedRows(metrics: Metrics): string[][] {
  const compared = ({ accuracy, macroF1 }: Baseline) => [
    formatFixedShare(accuracy),
    formatFixedShare(macroF1),
  ]
  const { baselines } = metrics
  return [
    ['this model', ...compared(metrics)],
    ...(baselines ? [['naive Bayes', ...compared(baselines.naiveBayes)]] : []),
    ...(baselines ? [['majority class', ...compared(baselines.majority)]] : []),
  ]
}

/** Rows of one kind of slice: value, accuracy, rows. */
export function sliceRows(slices: readonly Slice[]): string[][] {
  return slices.map(({ value, accuracy, rows }) => [value, formatFixedShare(accuracy), formatCount(rows)])
}

/** The mistakes the model was surest of: text, true class, predicted class, probability. */
export function mistakeRows(
  rows: readonly Row[],
  { predicted, probabilities }: Answers,
  labels: readonly string[],
): string[][] {
  return rows
    .map((row, i) => {
      const winner = predicted[i]!
      return { row, label: labels[winner]!, sure: probabilities[i * labels.length + winner]! }
    })
    .filter(({ row, label }) => row.label !== label)
    .sort((a, b) => b.sure - a.sure)
    .slice(0, MISTAKES)
    .map(({ row, label, sure }) => [
      shorten(row.text, SHOWN_CHARACTERS),
      row.label,
      label,
      formatFixedShare(sure),
    ])
}

/** Pairs of classes that the model mixes up, the most frequent first: true, predicted, rows. */
export function confusedRows(labels: readonly string[], confusion: Evaluation['confusion']): string[][] {
  const pairs: { truth: number; predicted: number; count: number }[] = []
  for (const [truth, counts] of confusion.entries()) {
    for (const [predicted, count] of counts.entries()) {
      if (truth !== predicted && count > 0) pairs.push({ truth, predicted, count })
    }
  }
  return pairs
    .sort((a, b) => b.count - a.count)
    .slice(0, CONFUSED_PAIRS)
    .map(({ truth, predicted, count }) => [labels[truth]!, labels[predicted]!, formatCount(count)])
}

/** The evaluation as Markdown. */
export function evaluationReport(
  { metrics, confusion }: Evaluation,
  labels: readonly string[],
  rows: readonly Row[],
  answers: Answers,
  curves: readonly FitCurve[],
): string {
  const slices = Object.entries(Object.groupBy(metrics.slices, ({ by }) => by))
  const mistakes = mistakeRows(rows, answers, labels)
  return `# Evaluation

On ${formatCount(metrics.rows)} test rows: ${summarise(metrics)}. Its 95 % interval is Wilson's; those of F1 are the bootstrap's.

${markdownTable(['', 'accuracy', 'macro F1'], comparedRows(metrics))}
${markdownTable(['', ''], overallRows(metrics))}
## Classes

${table(CLASS_HEAD, classRows(metrics))}
${classNotes(metrics)
  .map(note => `${note}\n\n`)
  .join('')}## Confusion

${confusionSection(labels, confusion)}
${slices.map(([by, found = []]) => `## By ${escapeMarkdown(by)}\n\n${table([by, 'accuracy', 'rows'], sliceRows(found))}\n`).join('')}${curves.length === 0 ? '' : `## Training\n\n${table(trainingHead(curves), trainingRows(curves))}\n`}## Most confident mistakes

${mistakes.length === 0 ? 'None.\n' : table(['text', 'true', 'predicted', 'probability'], mistakes, 3)}`
}

function confusionSection(labels: readonly string[], confusion: Evaluation['confusion']): string {
  if (labels.length > MATRIX_CLASSES) {
    const pairs = confusedRows(labels, confusion)
    const shown = `The pairs confused most often, ${CONFUSED_PAIRS} at most.\n\n`
    return pairs.length === 0 ? 'None.\n' : shown + table(['true', 'predicted', 'rows'], pairs, 2)
  }
  const counts = confusion.map((row, i) => [labels[i]!, ...row.map(formatCount)])
  return `A row is the true class, a column the predicted one.\n\n${table(['', ...labels], counts)}`
}

/** A table of plain texts, `texts` columns of words before those of figures. */
function table(head: readonly string[], rows: readonly (readonly string[])[], texts = 1): string {
  return markdownTable(
    head.map(escapeMarkdown),
    rows.map(cells => cells.map(escapeMarkdown)),
    texts,
  )
}
