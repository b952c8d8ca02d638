import { PAGE_STYLE } from './page-style.ts'

/**
 * The style of pages with charts and tables: a stage's report. Charts shrink to a narrow screen; tables of figures keep their words whole
 * and scroll; tables of texts put the text above its figures there.
 */
export const REPORT_STYLE = `${PAGE_STYLE}
.charts { display: flex; flex-wrap: wrap; gap: 1rem 2rem; margin-top: 1rem } .charts > * { min-width: 0; max-width: 100% }
figure { margin: 0 } figure svg { display: block; max-width: 100%; height: auto } figcaption { font-weight: 600; padding-bottom: .2rem }
.wide { overflow-x: auto; max-width: 100% } table { overflow-wrap: normal }
th, td { padding: .1rem 1rem .1rem 0; text-align: right; vertical-align: top; font-variant-numeric: tabular-nums; white-space: nowrap }
th { font-weight: 400; color: var(--dim) } th:first-child, .texts :is(th, td) { text-align: left }
.texts th:first-child { white-space: normal; overflow-wrap: anywhere }
@media (max-width: 40rem) {
  .texts thead { display: none } .texts tr { display: grid; grid-template-columns: repeat(3, auto) 1fr; padding-bottom: .5rem }
  .texts th:first-child { grid-column: 1 / -1 }
}
`
