import type { Entry } from '../../core/choose/index.ts'
import { type Chart, lineChart, spreadChart } from '../../core/report/charts.ts'
import { type Html, html, raw } from '../../core/report/html.ts'
import { formatShare } from '../../core/report/numbers.ts'
import { REPORT_STYLE } from '../../core/report/report-style.ts'
import {
  BOARD_HEAD,
  boardRows,
  type Choice,
  CURVE_HEAD,
  curveRows,
  METRIC_NAMES,
  reasonOf,
} from './report.ts'

/** More lines than these nobody compares; the table has all. */
const DRAWN = 30

const STYLE = `${REPORT_STYLE}
tbody th { color: var(--text) } tr.chosen th, tr.chosen td { font-weight: 600 }
`

/** The choice as one page that needs nothing else and no script: charts, leaderboard, settings. */
export function choicePage(choice: Choice, ranking: readonly Entry[]): string {
  const { title, winner, curve, folds } = choice
  const settings = JSON.stringify({ learner: winner.learner, features: winner.features }, undefined, 2)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title} · ${winner.name}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p>${reasonOf(choice, ranking)}. Means over ${folds} stratified folds, ± their standard deviation; times and sizes are means of a fold.</p>
</header>
<main>
<section class="charts">
${figure(`${METRIC_NAMES[choice.metric]}, mean and spread over the folds`, scoresChart(choice, ranking))}
${curve.length < 2 ? undefined : figure(`Learning curve of ${winner.name}`, curveChart(choice))}
</section>
<section><h2>Leaderboard</h2><div class="wide">${table(BOARD_HEAD, boardRows(ranking, winner), winner.name)}</div></section>
${curve.length === 0 ? undefined : html`<section><h2>Learning curve</h2>${table(CURVE_HEAD, curveRows(curve))}</section>`}
<section><h2>Settings of ${winner.name}</h2><pre>${settings}</pre></section>
</main>
</body>
</html>
`.text
}

function scoresChart({ metric, winner }: Choice, ranking: readonly Entry[]): Chart {
  const spreads = ranking.slice(0, DRAWN).flatMap(({ name, result }) => {
    if (result === undefined) return []
    const { mean, spread } = result[metric]
    const emphasised = name === winner.name ? ({ emphasised: true } as const) : {}
    return { name, value: mean, low: mean - spread, high: mean + spread, ...emphasised }
  })
  const best = spreads.slice(0, 3).map(({ name, value }) => `${name} ${formatShare(value)}`)
  const description = `${METRIC_NAMES[metric]} of ${spreads.length} candidates; best: ${best.join(', ')}`
  return spreadChart(spreads, { name: METRIC_NAMES[metric], description })
}

function curveChart({ metric, curve }: Choice): Chart {
  const points = (shift: -1 | 0 | 1) =>
    curve.map(point => [point.rows, point[metric].mean + shift * point[metric].spread] as const)
  const [first, last] = [curve[0]!, curve.at(-1)!]
  const description = `${METRIC_NAMES[metric]} from ${formatShare(first[metric].mean)} with ${first.rows} rows to ${formatShare(last[metric].mean)} with ${last.rows}`
  return lineChart(
    [
      { name: 'mean', points: points(0) },
      { name: 'mean ± spread', points: points(1), dashed: true },
      { name: 'mean ± spread', points: points(-1), dashed: true },
    ],
    { x: { name: 'training rows' }, y: { name: METRIC_NAMES[metric], scale: true }, description },
  )
}

function figure(title: string, { svg }: Chart): Html {
  return html`<figure><figcaption>${title}</figcaption>${raw(svg)}</figure>`
}

function table(head: readonly string[], rows: readonly (readonly string[])[], chosen?: string): Html {
  return html`<table><thead><tr>${head.map(cell => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([first = '', ...cells]) =>
      html`<tr${raw(first === chosen ? ' class="chosen"' : '')}><th scope="row">${first}</th>${cells.map(cell => html`<td>${cell}</td>`)}</tr>`,
  )}</tbody></table>`
}
