import type { Json } from '../../../../components/definition/index.ts'
import { type Html, html, raw } from '../../../../core/report/html.ts'
import { shorten } from '../../../../core/report/shorten.ts'
import { groupNames } from '../../../diagram/group-names.ts'
import { toSvg } from '../../../diagram/svg.ts'
import type { PipelineSpec } from '../../../specification.ts'
import { textOf } from '../expressions.ts'
import type { RunFile } from '../runs.ts'
import type { StoredArtifact, TaskRecord, Values } from '../types.ts'
import { confusion } from './confusion.ts'
import { LIVE, LIVE_POLICY } from './live.ts'
import { STYLE } from './style.ts'
import { timeline } from './timeline.ts'
import { type Branch, inRanges, tasksInGraph, treeOf } from './tree.ts'

/** Characters of a value that are shown; the whole is in run.json. */
const VALUE = 300
const COLOURS: Readonly<Record<TaskRecord['state'], string>> = {
  pending: 'line',
  running: 'blue',
  succeeded: 'green',
  cached: 'green',
  skipped: 'line',
  failed: 'red',
  cancelled: 'amber',
}

/** Tasks that a group may have and still be open at first. */
const OPEN = 40
/** Iterations that stand one below the other; longer loops are folded into ranges of so many. */
const RANGE = 100

/** A run as the page needs it: its record, and which tasks left a log beside it. */
export interface PageRun extends RunFile {
  hasLog(task: string): boolean
}

/**
 * A run as one page that needs nothing else: the graph, each task's state, time, metrics and artifacts. Links lead to the
 * files beside it. Only that of a run that goes on has a script, which loads it again.
 */
export function runPage(run: PageRun, spec: PipelineSpec): string {
  const counts = Object.entries(Object.groupBy(run.tasks, ({ state }) => state))
  const goesOn = run.state === 'running'
  const drawn = tasksInGraph(run.tasks, run.loops)
  const graph = toSvg(spec, path => (drawn.has(path) ? `#${drawn.get(path)?.task}` : undefined))
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'${goesOn ? raw(`; ${LIVE_POLICY}`) : ''}">
<title>${run.pipeline} · ${run.state} · ${run.id}</title>
<style>${raw(STYLE)}${raw(graphStyle(drawn))}</style>
</head>
<body>
<header>
<h1>${run.pipeline} <span class="state ${run.state}">${run.state}</span></h1>
<p>run <code>${run.id}</code> on this machine · ${moment(run.startedAt)} · ${duration(run)}</p>
<p>${counts.map(([state, tasks]) => html`<span class="count ${state}">${tasks?.length ?? 0} ${state}</span> `)}</p>
${goesOn ? LIVE : ''}
</header>
<main>
${failures(run)}
<section class="values">
${table('Parameters', Object.entries(run.parameters))}
${run.outputs === undefined ? '' : outputs('Outputs', run.outputs, run)}
</section>
<section><h2>Graph</h2><div class="graph" tabindex="0" role="region" aria-label="Graph">${raw(graph)}</div></section>
${timeline(run)}
<section><h2>Tasks</h2>
${treeOf(run.tasks, run.loops, groupNames(spec)).map(branch => draw(branch, run))}
</section>
</main>
<footer>${link('run.json', 'run.json')} · ${link('pipeline.json', 'pipeline.json')}</footer>
</body>
</html>
`
  return page.text
}

/** Colours for the graph's tasks. Names that get here are letters, digits, - and _ (check-task.ts). */
function graphStyle(drawn: ReadonlyMap<string, TaskRecord>): string {
  return [...drawn]
    .map(
      ([path, { state }]) =>
        `.graph .pipeline [data-task="${path}"] { stroke: var(--${COLOURS[state]}); stroke-width: 2 }\n`,
    )
    .join('')
}

function failures({ tasks }: RunFile): Html | string {
  const failed = tasks.filter(({ error }) => error !== undefined)
  if (failed.length === 0) return ''
  return html`<section class="failures"><h2>What went wrong</h2>${failed
    .slice(0, 20)
    .map(
      ({ task, error }) =>
        html`<p><a href="#${task}">${task}</a> ${error?.what}</p><pre>${[error?.where, error?.fix].filter(Boolean).join('\n')}</pre>`,
    )}${failed.length > 20 ? html`<p>and ${failed.length - 20} more</p>` : ''}</section>`
}

function draw(branch: Branch, run: PageRun): Html {
  const { label, item, task, branches } = branch
  if (task !== undefined) return drawTask(task, label, run)
  const open = run.tasks.length <= OPEN || branch.states.has('failed')
  return html`<details class="group"${open ? raw(' open') : ''}><summary>${label}${item === undefined ? '' : html` <span class="item">${item}</span>`} ${[
    ...branch.states,
  ].map(
    ([state, count]) => html`<span class="count ${state}">${count} ${state}</span> `,
  )}</summary>${inRanges(branches, RANGE).map(each => draw(each, run))}</details>`
}

function drawTask(record: TaskRecord, label: string, run: PageRun): Html {
  const { task, state, summary = '', seconds, outputs: made, startedAt, stage } = record
  const by = stage === undefined || stage === label ? '' : html` <small>${stage}</small>`
  const time = seconds === undefined ? '' : html`<time>${seconds.toFixed(1)} s</time>`
  const log = startedAt === undefined || !run.hasLog(task) ? '' : link(`${encodePath(task)}/log.txt`, 'log')
  return html`<article id="${task}">
<h3><span class="state ${state}">${state}</span> ${label}${by} <span class="facts">${time} ${log}</span></h3>
<p>${shorten(summary, VALUE)}</p>
${made === undefined ? '' : html`<div class="values">${outputs(undefined, made, run)}</div>`}
</article>`
}

function outputs(caption: string | undefined, { parameters, artifacts }: Values, run: RunFile): Html {
  const files = Object.entries(artifacts).flatMap(([name, list]) => {
    return list.map(artifact => drawArtifact(name, artifact, run))
  })
  return html`${table(caption, Object.entries(parameters))}${files}`
}

function drawArtifact(name: string, { uri, type, metadata, digest }: StoredArtifact, run: RunFile): Html {
  const numbers = Object.entries(metadata).filter(([, value]) => typeof value !== 'object')
  return html`<div class="artifact">${digest === null ? name : link(beside(uri, run), name)} <small>${type.schemaTitle.replace('system.', '')}</small>${table(undefined, numbers)}${confusion(metadata)}</div>`
}

function table(caption: string | undefined, rows: readonly (readonly [string, Json])[]): Html | string {
  if (rows.length === 0) return ''
  return html`<table>${caption === undefined ? '' : html`<caption>${caption}</caption>`}<tbody>${rows.map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${shown(value)}</td></tr>`,
  )}</tbody></table>`
}

function shown(value: Json): string {
  if (typeof value === 'number' && !Number.isInteger(value)) return String(Number(value.toPrecision(6)))
  return shorten(textOf(value), VALUE)
}

/** A URI of the run's own folder as a relative one: the folder can be moved, or sent to someone. */
function beside(uri: string, { id }: RunFile): string {
  const [, path] = uri.split(`/runs/${id}/`)
  return path ?? uri
}

function link(href: string, text: string): Html {
  return html`<a href="${href}">${text}</a>`
}

/** A path beside the page as a relative URL. */
function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

function moment(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`
}

function duration({ startedAt, endedAt }: RunFile): string {
  if (endedAt === undefined) return 'not ended'
  return `${((Date.parse(endedAt) - Date.parse(startedAt)) / 1000).toFixed(1)} s`
}
