import type { Row } from '../../core/data/index.ts'
import type { FitCurve } from '../../core/learn/index.ts'
import { barChart, type Chart } from '../../core/report/charts.ts'
import { type Html, html, raw } from '../../core/report/html.ts'
import { formatCount, formatShare } from '../../core/report/numbers.ts'
import { REPORT_STYLE } from '../../core/report/report-style.ts'
import type { Figures } from './figures.ts'
import { type Answers, CURVE_POINTS, type Evaluation } from './metrics.ts'
import {
  CLASS_HEAD,
  classNotes,
  classRows,
  comparedRows,
  confusedRows,
  mistakeRows,
  overallRows,
  sliceRows,
  summarise,
} from './report.ts'
import { trainingHead, trainingRows } from './training.ts'

/** The evaluation as one page that needs nothing else and no script: figures, charts, tables, mistakes. */
export function evaluationPage(
  evaluation: Evaluation,
  labels: readonly string[],
  rows: readonly Row[],
  answers: Answers,
  curves: readonly FitCurve[],
  figures: Figures,
): string {
  const { metrics, confusion } = evaluation
  const slices = Object.entries(Object.groupBy(metrics.slices, ({ by }) => by))
  const mistakes = mistakeRows(rows, answers, labels)
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
  figures.confusion === undefined ? 'Confused most often' : 'Confusion',
  figures.confusion === undefined
    ? textTable(['true', 'predicted', 'rows'], confusedRows(labels, confusion))
    : drawn(figures.confusion),
)}
<div>${table(['', 'accuracy', 'macro F1'], comparedRows(metrics))}${table(['', ''], overallRows(metrics))}</div>
</section>
<section><h2>Classes</h2>${table(CLASS_HEAD, classRows(metrics))}
${classNotes(metrics).map(note => html`<p><small>${note}</small></p>`)}</section>
<section class="charts">
${figure('ROC, a class against the rest', drawn(figures.roc))}
${figure('Precision and recall, a class against the rest', drawn(figures['precision-recall']))}
${figure('Reliability of the probabilities', drawn(figures.reliability))}
</section>
${classCurvesNote(evaluation, labels)}
${slices.map(
  ([by, found = []]) => html`<section><h2>Accuracy by ${by}</h2>
<div class="charts"><figure>${drawn(
    barChart(
      found.map(({ value, accuracy }) => ({ name: value, value: accuracy })),
      { description: `Accuracy by ${by}, in ${found.length} slices` },
    ),
  )}</figure>${table([by, 'accuracy', 'rows'], sliceRows(found))}</div></section>`,
)}
${
  curves.length === 0
    ? undefined
    : html`<section><h2>Training</h2>
<div class="charts">${figures.training.map(({ title, chart }) => figure(title, drawn(chart)))}</div>
${table(trainingHead(curves), trainingRows(curves))}</section>`
}
<section><h2>Most confident mistakes</h2>
${textTable(['text', 'true', 'predicted', 'probability'], mistakes)}
</section>
</main>
</body>
</html>
`.text
}

/** Says which classes the curves are of, where those are not all. */
function classCurvesNote({ classCurves }: Evaluation, labels: readonly string[]): Html | undefined {
  if (classCurves.length === labels.length) return undefined
  return html`<p><small>Curves of ${classCurves.length} of the ${formatCount(labels.length)} classes: those with the lowest F1 that have test rows.
At most ${CURVE_POINTS} points of each are drawn; its area is of all.</small></p>`
}

function figure(title: string, content: Html): Html {
  return html`<figure><figcaption>${title}</figcaption>${content}</figure>`
}

function drawn({ svg }: Chart): Html {
  return raw(svg)
}

function textTable(head: readonly string[], rows: readonly (readonly string[])[]): Html {
  return rows.length === 0 ? html`<p>None.</p>` : table(head, rows, 'texts')
}

function table(head: readonly string[], rows: readonly (readonly string[])[], kind = 'figures'): Html {
  return html`<div class="wide"><table class="${kind}"><thead><tr>${head.map(cell => (cell === '' ? html`<td></td>` : html`<th scope="col">${cell}</th>`))}</tr></thead>
<tbody>${rows.map(([first, ...cells]) => html`<tr><th scope="row">${first}</th>${cells.map(cell => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`
}
