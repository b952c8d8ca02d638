import { counted } from '../../core/counted.ts'
import { type Html, html, raw } from '../../core/report/html.ts'
import { PAGE_STYLE } from '../../core/report/page-style.ts'
import { shorten } from '../../core/report/shorten.ts'
import type { Inspected, Inspection } from './inspect.ts'
import type { Entry, Journal } from './journal.ts'

/** What the page may do: be styled, inline. It has no script, loads nothing and is framed by nobody. */
export const STATUS_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

/** Names may have a kilobyte. */
const LONGEST_NAME = 100

const STYLE = `${PAGE_STYLE}
section { border: 1px solid var(--line); border-radius: .4rem; background: var(--panel); padding: .75rem 1rem; margin: 1rem 0 }
section h2 { margin: 0 0 .4rem } dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0 }
dt { color: var(--dim) } dd { margin: 0 } ol { list-style: none; margin: .2rem 0 0; padding: 0 } li { margin: .15rem 0 } time { color: var(--dim) }
summary { margin-top: .5rem; color: var(--dim); cursor: pointer } .right { color: var(--green) } .due { color: var(--amber) }
.failed { color: var(--red) } .failed pre { color: inherit; margin: 0 }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr } dt { margin-top: .4rem } }
`

export interface StatusPage {
  readonly registry: string
  readonly target: string
  readonly inspection: Inspection
  readonly journal: Journal
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** The deployer's state as one page without script: each model, what is wanted, what is there, what comes next, what happened. */
export function statusPage({ registry, target, inspection, journal, now }: StatusPage): string {
  const { models, failed } = inspection
  const state = stateOf(models)
  const summary =
    failed === undefined
      ? html`<p>${counted(models.length, 'model')}, ${state}.</p>`
      : html`<p class="failed">What is wanted or there could not be read.</p><pre class="failed">${failed}</pre>`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Deployer · ${failed === undefined ? state : 'cannot look'}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<header>
<h1>Deployer</h1>
<p>From ${registry} to ${target}. Looked at ${time(now)}${
    journal.settledAt === undefined ? '' : html`, last found right at ${time(journal.settledAt)}`
  }. Times are UTC.</p>
</header>
<main>
${summary}
${models.map(model => section(model, journal.of(model.model), journal.checked(model.model)))}
${list('Deployer', journal.of(undefined))}
${list('Deliveries', journal.deliveries)}
</main>
</body>
</html>
`.text
}

/** A version that an alias names and that is held is not as somebody wants it, though there is nothing to do. */
function stateOf(models: readonly Inspected[]): string {
  const count = (is: (model: Inspected) => boolean) => models.filter(is).length
  const parts = [
    [count(({ plan }) => plan.length > 0), 'to change'],
    [count(({ held }) => held.length > 0), 'with a version that is held'],
    [count(({ unknown }) => unknown !== undefined), 'that could not be looked at'],
  ] as const
  const told = parts.filter(([models]) => models > 0).map(([models, what]) => `${models} ${what}`)
  return told.join(', ') || 'everything is as it is wanted'
}

function section(
  { model, unknown, desired, observed, versions, plan, held, measured }: Inspected,
  entries: readonly Entry[],
  checked: ReadonlyMap<string, number>,
): Html {
  const right = versions.filter(version => checked.has(version))
  const failures = entries.filter(({ failed }) => failed)
  const rest = unknown === undefined ? html`<span class="right">nothing</span>` : 'not known'
  const next = plan.length === 0 ? rest : html`<span class="due">${plan.join(', ')}</span>`
  const wanted =
    unknown === undefined
      ? desired.join(', ') || 'nothing: it is left as it is'
      : html`<span class="due">not known: ${unknown}</span>`
  return html`<section>
<h2>${shorten(model, LONGEST_NAME)}</h2>
<dl>
<dt>Wanted</dt><dd>${wanted}</dd>
<dt>There</dt><dd>${observed.join(', ') || 'nothing'}</dd>
${right.length === 0 ? '' : html`<dt>Golden examples</dt><dd>${right.map(each => golden(each, checked.get(each)!))}</dd>`}
${measured.length === 0 ? '' : html`<dt>Measured</dt><dd>${measured.map(each => html`<div>${each}</div>`)}</dd>`}
<dt>To do</dt><dd>${next}</dd>
${held.length === 0 ? '' : html`<dt>Held</dt><dd class="due">${held.join('; ')}</dd>`}
${failures[0] === undefined ? '' : html`<dt>Last error</dt><dd>${line(failures[0])}</dd>`}
</dl>
${
  entries.length === 0
    ? ''
    : html`<details><summary>${counted(entries.length, 'event')}, newest first</summary>${lines(entries)}</details>`
}
</section>
`
}

function golden(version: string, at: number): Html {
  return html`<div>${shorten(version, LONGEST_NAME)} gave the right answers at ${time(at)}</div>`
}

function list(title: string, entries: readonly Entry[]): Html | string {
  return entries.length === 0 ? '' : html`<h2>${title}</h2>${lines(entries)}`
}

function lines(entries: readonly Entry[]): Html {
  return html`<ol>${entries.map(entry => html`<li>${line(entry)}</li>`)}</ol>`
}

function line({ at, times, line: text, failed }: Entry): Html {
  const [what, ...rest] = text.split('\n')
  const more = rest.length === 0 ? '' : html`<pre>${rest.map(each => each.trim()).join('\n')}</pre>`
  return html`<div${failed ? html` class="failed"` : ''}>${time(at)} ${what}${times === 1 ? '' : html` <small>(${counted(times, 'time')})</small>`}${more}</div>`
}

function time(at: number): Html {
  const text = new Date(at).toISOString()
  return html`<time datetime="${text}">${text.slice(0, 19).replace('T', ' ')}</time>`
}
