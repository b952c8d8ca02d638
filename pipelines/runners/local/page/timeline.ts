import { type Html, html, raw } from '../../../../core/report/html.ts'
import type { RunFile } from '../runs.ts'
import type { TaskRecord } from '../types.ts'

/** Bars that are drawn: of more tasks, the longest. */
const MOST = 40

/** When each task ran, as bars below one another from the run's start to its end. */
export function timeline({ tasks, loops, startedAt, endedAt }: RunFile): Html | string {
  const began = tasks.flatMap(task => (task.startedAt === undefined ? [] : [barOf(task, task.startedAt)]))
  if (began.length < 2) return ''
  const longest = began.toSorted((a, b) => b.end - b.start - (a.end - a.start)).slice(0, MOST)
  const bars = longest.toSorted((a, b) => a.start - b.start)
  // A run that was continued began long before what is left of it.
  const from = Math.min(...bars.map(({ start }) => start))
  const to = Math.max(...bars.map(({ end }) => end), from + 1, Date.parse(endedAt ?? startedAt))
  const share = (ms: number) => ((100 * ms) / (to - from)).toFixed(2)
  const more = began.length > bars.length ? `the ${bars.length} longest of ${began.length} tasks, ` : ''
  return html`<section><h2>Time</h2><p><small>${more}over ${seconds(to - from)}</small></p>
<ol class="timeline">${bars.map(
    ({ record, start, end }) =>
      html`<li><a href="#${record.task}">${nameOf(record, loops)}</a><span class="track"><span class="bar ${record.state}" style="margin-left: ${raw(share(start - from))}%; width: ${raw(share(end - start))}%"></span></span><span class="took">${seconds(end - start)}</span></li>`,
  )}</ol></section>`
}

/** Its name, and what the iterations that it is in go over. */
function nameOf({ task, name }: TaskRecord, loops: RunFile['loops']): string {
  const parts = task.split('/')
  const items = parts.flatMap((part, i) => loops[parts.slice(0, i).join('/')]?.[Number(part)] ?? [])
  return [name, ...items].join(' · ')
}

function barOf(record: TaskRecord, startedAt: string) {
  const start = Date.parse(startedAt)
  const until = record.endedAt ?? (record.state === 'running' ? new Date().toISOString() : startedAt)
  return { record, start, end: Math.max(start, Date.parse(until)) }
}

function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}
