import type { Json } from '../../../../components/definition/index.ts'
import { type Html, html, raw } from '../../../../core/report/html.ts'

/** Classes that are drawn: of more, the table would be unreadable. */
const MOST = 20

/** A confusion matrix as Kubeflow writes it: rows are what was right, columns what was predicted. */
interface Confusion {
  readonly annotationSpecs: readonly { readonly displayName: string }[]
  readonly rows: readonly { readonly row: readonly number[] }[]
}

/** The confusion matrix of a `system.ClassificationMetrics` artifact, as a table; nothing where there is none. */
export function confusion(metadata: Readonly<Record<string, Json>>): Html | string {
  const matrix = metadata.confusionMatrix
  if (!isConfusion(matrix) || matrix.rows.length > MOST) return ''
  const names = matrix.annotationSpecs.map(({ displayName }) => displayName)
  return html`<table class="confusion"><caption>right, against predicted</caption><thead><tr><td></td>${names.map(
    name => html`<th scope="col">${name}</th>`,
  )}</tr></thead><tbody>${matrix.rows.map(({ row }, i) => {
    const all = Math.max(
      1,
      row.reduce((sum, count) => sum + count, 0),
    )
    return html`<tr><th scope="row">${names[i]}</th>${row.map((count, j) => {
      const share = raw(String(Math.round((50 * count) / all)))
      const colour = raw(i === j ? 'green' : 'red')
      return html`<td style="background: color-mix(in srgb, var(--${colour}) ${share}%, transparent)">${count}</td>`
    })}</tr>`
  })}</tbody></table>`
}

/** Metadata comes from whoever wrote it. */
function isConfusion(value: unknown): value is Confusion {
  const { annotationSpecs, rows } = (value ?? {}) as Partial<Confusion>
  return (
    Array.isArray(annotationSpecs) &&
    Array.isArray(rows) &&
    rows.length === annotationSpecs.length &&
    annotationSpecs.every(each => typeof each?.displayName === 'string') &&
    rows.every(
      each => Array.isArray(each?.row) && each.row.every((count: unknown) => typeof count === 'number'),
    )
  )
}
