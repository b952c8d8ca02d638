import type { Row } from '../../core/data/index.ts'
import type { Judgement } from '../../core/learn/index.ts'
import type { Prediction } from '../../core/model/index.ts'
import { escapeMarkdown, markdownTable } from '../../core/report/markdown.ts'
import { formatCount, formatShare } from '../../core/report/numbers.ts'
import { shorten } from '../../core/report/shorten.ts'
import type { Baseline, Metrics } from './metrics.ts'

/** As many as a person reads. */
const MISTAKES = 10
const SHOWN_CHARACTERS = 200

/** The outcome in a line: `accuracy .861 (.83 to .89), macro F1 .859`. */
export function summarise({ accuracy, accuracyInterval: { low, high }, macroF1 }: Metrics): string {
  const interval = `${formatShare(low, 2)} to ${formatShare(high, 2)}`
  return `accuracy ${formatShare(accuracy)} (${interval}), macro F1 ${formatShare(macroF1)}`
}

/** The evaluation as Markdown; `confusion[truth][predicted]` counts rows, in the order of `labels`. */
export function evaluationReport(
  metrics: Metrics,
  labels: readonly string[],
  confusion: Judgement['confusion'],
  rows: readonly Row[],
  predictions: readonly Prediction[],
): string {
  const names = labels.map(escapeMarkdown)
  const compared = ({ accuracy, macroF1 }: Baseline) => [formatShare(accuracy), formatShare(macroF1)]
  const { baselines } = metrics
  const overall = [
    ['this model', ...compared(metrics)],
    ...(baselines ? [['naive Bayes', ...compared(baselines.naiveBayes)]] : []),
    ...(baselines ? [['majority class', ...compared(baselines.majority)]] : []),
  ]
  const classes = labels.map((label, i) => {
    const { precision, recall, f1, support } = metrics.classes[label]!
    return [names[i]!, ...[precision, recall, f1].map(share => formatShare(share)), formatCount(support)]
  })
  return `# Evaluation

On ${formatCount(metrics.rows)} test rows: ${summarise(metrics)}. The 95 % interval is Wilson's.

${markdownTable(['', 'accuracy', 'macro F1'], overall)}
Macro precision ${formatShare(metrics.macroPrecision)}, macro recall ${formatShare(metrics.macroRecall)}, log loss ${formatShare(metrics.logLoss)}.

## Classes

${markdownTable(['class', 'precision', 'recall', 'F1', 'rows'], classes)}
## Confusion

A row is the true class, a column the predicted one.

${markdownTable(
  ['', ...names],
  confusion.map((counts, i) => [names[i]!, ...counts.map(formatCount)]),
)}
## Most confident mistakes

${mistakeTable(rows, predictions)}`
}

function mistakeTable(rows: readonly Row[], predictions: readonly Prediction[]): string {
  const mistakes = rows
    .map((row, i) => ({
      row,
      label: predictions[i]!.label,
      sure: Math.max(...predictions[i]!.probabilities),
    }))
    .filter(({ row, label }) => row.label !== label)
    .sort((a, b) => b.sure - a.sure)
    .slice(0, MISTAKES)
  if (mistakes.length === 0) return 'None.\n'
  return markdownTable(
    ['text', 'true', 'predicted', 'probability'],
    mistakes.map(({ row, label, sure }) => [
      escapeMarkdown(shorten(row.text, SHOWN_CHARACTERS)),
      escapeMarkdown(row.label),
      escapeMarkdown(label),
      formatShare(sure),
    ]),
  )
}
