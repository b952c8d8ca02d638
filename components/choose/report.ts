import type { CurvePoint, Entry, Metric } from '../../core/choose/index.ts'
import { counted } from '../../core/counted.ts'
import { escapeMarkdown, markdownTable } from '../../core/report/markdown.ts'
import { formatCount, formatShare } from '../../core/report/numbers.ts'

/** A choice, with all that it was made from. */
export interface Choice {
  /** Of the page: what kind of search it was. */
  readonly title: string
  /** In the order of the candidates. */
  readonly entries: readonly Entry[]
  readonly winner: Entry
  readonly curve: readonly CurvePoint[]
  readonly metric: Metric
  readonly threshold: number
  readonly folds: number
}

export const METRIC_NAMES: Readonly<Record<Metric, string>> = { accuracy: 'accuracy', macroF1: 'macro F1' }

export const BOARD_HEAD = [
  'candidate',
  'accuracy',
  '±',
  'macro F1',
  '±',
  'fit, s',
  'features, s',
  'columns',
  'size, kB',
  'rows',
  '',
]

/** A candidate a row, as {@link BOARD_HEAD} names its cells. */
export function boardRows(ranking: readonly Entry[], winner: Entry): string[][] {
  return ranking.map(entry => {
    const { name, result, failure } = entry
    if (result === undefined)
      return [name, ...BOARD_HEAD.slice(2).map(() => ''), `failed: ${failure?.message.split('\n')[0]}`]
    const { accuracy, macroF1 } = result
    return [
      name,
      formatShare(accuracy.mean, 4),
      formatShare(accuracy.spread),
      formatShare(macroF1.mean, 4),
      formatShare(macroF1.spread),
      formatShare(result.fitSeconds),
      formatShare(result.featureSeconds),
      formatCount(result.columns),
      formatCount(result.bytes / 1000),
      formatCount(result.rows),
      noteOf(entry, winner),
    ]
  })
}

function noteOf({ name, share, result }: Entry, winner: Entry): string {
  const notes = [
    ...(name === winner.name ? ['chosen'] : []),
    ...(share < winner.share ? ['left behind'] : []),
    ...(result?.converged === false ? ['not converged'] : []),
  ]
  return notes.join(', ')
}

export const CURVE_HEAD = ['rows', 'accuracy', '±', 'macro F1', '±']

export function curveRows(curve: readonly CurvePoint[]): string[][] {
  return curve.map(({ rows, accuracy, macroF1 }) => [
    formatCount(rows),
    ...[accuracy, macroF1].flatMap(({ mean, spread }) => [formatShare(mean, 4), formatShare(spread)]),
  ])
}

/** The choice in a sentence that says why. */
export function reasonOf({ entries, winner, metric, threshold }: Choice, ranking: readonly Entry[]): string {
  const { mean, spread } = winner.result![metric]
  const score = `${METRIC_NAMES[metric]} ${formatShare(mean, 4)} ± ${formatShare(spread)}`
  const [best] = ranking as readonly [Entry]
  if (best.name === winner.name)
    return `${winner.name}: ${score}, the best of ${counted(entries.length, 'candidate')}`
  const bestScore = formatShare(best.result![metric].mean, 4)
  return `${winner.name}: ${score}, the first within ${formatShare(threshold)} of the best (${best.name}, ${bestScore})`
}

/** The choice as Markdown. */
export function choiceReport(choice: Choice, ranking: readonly Entry[]): string {
  const { title, winner, curve, folds } = choice
  const settings = JSON.stringify({ learner: winner.learner, features: winner.features }, undefined, 2)
  return `# ${title}

${escapeMarkdown(reasonOf(choice, ranking))}. Means over ${folds} stratified folds, ± their standard deviation; times and sizes are means of a fold.

${table(BOARD_HEAD, boardRows(ranking, winner))}
${curve.length === 0 ? '' : `## Learning curve of ${escapeMarkdown(winner.name)}\n\n${table(CURVE_HEAD, curveRows(curve))}\n`}## Settings of ${escapeMarkdown(winner.name)}

\`\`\`json
${settings}
\`\`\`
`
}

/** A table of plain texts. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return markdownTable(
    head.map(escapeMarkdown),
    rows.map(cells => cells.map(escapeMarkdown)),
  )
}
