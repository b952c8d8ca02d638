import type { Row } from '../../core/data/index.ts'
import { thinned } from '../../core/judge/index.ts'
import type { Prediction } from '../../core/model/index.ts'
import { barChart, type Chart, type Line, lineChart, matrixChart } from '../../core/report/charts.ts'
import { type Html, html, raw } from '../../core/report/html.ts'
import { formatCount, formatShare } from '../../core/report/numbers.ts'
import { REPORT_STYLE } from '../../core/report/report-style.ts'
import type { Evaluation, Metrics } from './metrics.ts'
import {
  CLASS_HEAD,
  classRows,
  comparedRows,
  confusedRows,
  MATRIX_CLASSES,
  mistakeRows,
  overallRows,
  sliceRows,
  summarise,
} from './report.ts'

/** Lines beyond these cannot be told apart; the hardest classes are drawn. */
const DRAWN_CLASSES = 6
const DRAWN_POINTS = 120

/** The evaluation as one page that needs nothing else and no script: figures, charts, tables, mistakes. */
export function evaluationPage(
  evaluation: Evaluation,
  labels: readonly string[],
  rows: readonly Row[],
  predictions: readonly Prediction[],
): string {
  const { metrics, confusion } = evaluation
  const slices = Object.entries(Object.groupBy(metrics.slices, ({ by }) => by))
  const mistakes = mistakeRows(rows, predictions)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Evaluation · accuracy ${formatShare(metrics.accuracy)}</title>
<style>${raw(REPORT_STYLE)}</style>
</head>
<body>
<header>
<h1>Evaluation</h1>
<p>On ${formatCount(metrics.rows)} test rows: ${summarise(metrics)}.</p>
</header>
<main>
<section class="charts">
${figure(
  'Confusion',
  labels.length > MATRIX_CLASSES
    ? table(['true', 'predicted', 'rows'], confusedRows(labels, confusion), 'texts')
    : drawn(matrixChart(labels, confusion, { description: confusionSentence(labels, confusion) })),
)}
<div>${table(['', 'accuracy', 'macro F1'], comparedRows(metrics))}${table(['', ''], overallRows(metrics))}</div>
</section>
<section><h2>Classes</h2>${table(CLASS_HEAD, classRows(metrics))}</section>
<section class="charts">
${figure('ROC, a class against the rest', drawn(rocChart(evaluation, labels)))}
${figure('Precision and recall, a class against the rest', drawn(precisionRecallChart(evaluation, labels)))}
${figure('Reliability of the probabilities', drawn(reliabilityChart(evaluation)))}
</section>
${slices.map(
  ([by, found = []]) => html`<section><h2>Accuracy by ${by}</h2>
<div class="charts"><figure>${drawn(
    barChart(
      found.map(({ value, accuracy }) => ({ name: value, value: accuracy })),
      { description: `Accuracy by ${by}, in ${found.length} slices` },
    ),
  )}</figure>${table([by, 'accuracy', 'rows'], sliceRows(found))}</div></section>`,
)}
<section><h2>Most confident mistakes</h2>
${mistakes.length === 0 ? html`<p>None.</p>` : table(['text', 'true', 'predicted', 'probability'], mistakes, 'texts')}
</section>
</main>
</body>
</html>
`.text
}

function rocChart({ rankings, metrics }: Evaluation, labels: readonly string[]): Chart {
  const lines = hardest(metrics, labels).map((name): Line => {
    const { points } = rankings[labels.indexOf(name)]!
    const shown = thinned(points, DRAWN_POINTS).map(point => [point.falsePositiveRate, point.recall] as const)
    return { name, points: [[0, 0], ...shown] }
  })
  const chance: Line = {
    name: 'chance',
    points: [
      [0, 0],
      [1, 1],
    ],
    dashed: true,
  }
  const x = { name: 'false positive rate', min: 0, max: 1 }
  const y = { name: 'recall', min: 0, max: 1 }
  const areas = hardest(metrics, labels).map(name => `${name} ${shareOf(metrics.classes[name]?.rocAuc)}`)
  return lineChart([...lines, chance], {
    x,
    y,
    description: `Areas under the ROC curves: ${areas.join(', ')}`,
  })
}

function precisionRecallChart({ rankings, metrics }: Evaluation, labels: readonly string[]): Chart {
  const lines = hardest(metrics, labels).map((name): Line => {
    const { points } = rankings[labels.indexOf(name)]!
    return {
      name,
      points: thinned(points, DRAWN_POINTS).map(({ recall, precision }) => [recall, precision] as const),
    }
  })
  const x = { name: 'recall', min: 0, max: 1 }
  const y = { name: 'precision', min: 0, max: 1 }
  const means = hardest(metrics, labels).map(
    name => `${name} ${shareOf(metrics.classes[name]?.averagePrecision)}`,
  )
  return lineChart(lines, { x, y, description: `Average precision: ${means.join(', ')}` })
}

function reliabilityChart({ reliability, metrics }: Evaluation): Chart {
  const points = reliability.map(({ confidence, accuracy }) => [confidence, accuracy] as const)
  const description = `How often the predicted class is right by its probability; expected calibration error ${formatShare(metrics.calibrationError)}`
  return lineChart(
    [
      { name: 'the model', points },
      {
        name: 'calibrated',
        points: [
          [0, 0],
          [1, 1],
        ],
        dashed: true,
      },
    ],
    {
      x: { name: 'probability of the predicted class', min: 0, max: 1 },
      y: { name: 'accuracy', min: 0, max: 1 },
      description,
    },
  )
}

/** The classes with the lowest F1, in the order of the labels. */
function hardest({ classes }: Metrics, labels: readonly string[]): readonly string[] {
  const chosen = new Set([...labels].sort((a, b) => classes[a]!.f1 - classes[b]!.f1).slice(0, DRAWN_CLASSES))
  return labels.filter(label => chosen.has(label))
}

function confusionSentence(labels: readonly string[], confusion: Evaluation['confusion']): string {
  const [worst] = confusedRows(labels, confusion)
  if (worst === undefined) return 'Confusion matrix; no row has a wrong class'
  return `Confusion matrix; most often ${worst[0]} is taken for ${worst[1]}, ${worst[2]} times`
}

function shareOf(value: number | undefined): string {
  return value === undefined ? 'unknown' : formatShare(value)
}

function figure(title: string, content: Html): Html {
  return html`<figure><figcaption>${title}</figcaption>${content}</figure>`
}

function drawn({ svg }: Chart): Html {
  return raw(svg)
}

function table(head: readonly string[], rows: readonly (readonly string[])[], kind = 'figures'): Html {
  return html`<div class="wide"><table class="${kind}"><thead><tr>${head.map(cell => (cell === '' ? html`<td></td>` : html`<th scope="col">${cell}</th>`))}</tr></thead>
<tbody>${rows.map(([first, ...cells]) => html`<tr><th scope="row">${first}</th>${cells.map(cell => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`
}
