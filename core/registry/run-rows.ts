import { randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { PressroomError } from '../errors.ts'
import type { MetricPoint, MetricValue, Run, RunQuery, RunRequest } from './types.ts'

/*
 * Runs as rows. Every function runs inside the caller's read or transaction.
 */

const RUNS = `
  select id, experiment, name, status, started_at as startedAt, ended_at as endedAt, datasets,
    (select json_group_object(key, value) from run_params p where p.run_id = r.id) as params,
    (select json_group_object(key, value) from run_tags t where t.run_id = r.id) as tags
  from runs r`

/**
 * The value at each metric's last step: beside max(), SQLite takes bare columns from the row with the maximum
 * (lang_select.html).
 */
const LAST_METRICS = 'select key, value, max(step) from run_metrics where run_id = ? group by key'

interface RunRow {
  readonly id: string
  readonly experiment: string
  readonly name: string
  readonly status: Run['status']
  readonly startedAt: number
  readonly endedAt: number | null
  readonly params: string
  readonly tags: string
  readonly datasets: string
}

export function insertRun(db: DatabaseSync, request: RunRequest, now: number): Run {
  // MLflow's run ids have this form too.
  const id = randomUUID().replaceAll('-', '')
  db.prepare('insert into runs (id, experiment, name, started_at, datasets) values (?, ?, ?, ?, ?)').run(
    id,
    request.experiment,
    request.name,
    now,
    JSON.stringify(request.datasets ?? []),
  )
  const insertParam = db.prepare('insert into run_params (run_id, key, value) values (?, ?, ?)')
  for (const [key, value] of Object.entries(request.params ?? {})) insertParam.run(id, key, value)
  const insertTag = db.prepare('insert into run_tags (run_id, key, value) values (?, ?, ?)')
  for (const [key, value] of Object.entries(request.tags ?? {})) insertTag.run(id, key, value)
  const metrics = Object.entries(request.metrics ?? {})
  insertMetrics(
    db,
    id,
    metrics.map(([key, value]) => ({ key, step: 0, value })),
    now,
  )
  return requireRun(db, id)
}

export function insertMetrics(
  db: DatabaseSync,
  runId: string,
  values: readonly MetricValue[],
  now: number,
): void {
  const insert = db.prepare(
    'insert or replace into run_metrics (run_id, key, step, value, logged_at) values (?, ?, ?, ?, ?)',
  )
  for (const { key, step, value } of values) insert.run(runId, key, step, value, now)
}

export function listMetric(db: DatabaseSync, runId: string, key: string): MetricPoint[] {
  const rows = db
    .prepare(
      'select step, value, logged_at as loggedAt from run_metrics where run_id = ? and key = ? order by step',
    )
    .all(runId, key) as unknown as MetricPoint[]
  // SQLite's rows have no prototype, which deep comparisons take for a difference.
  return rows.map(row => ({ ...row }))
}

/** Ends the run; the time it first ended stays. */
export function endRun(db: DatabaseSync, runId: string, status: Run['status'], now: number): void {
  db.prepare('update runs set status = ?, ended_at = coalesce(ended_at, ?) where id = ?').run(
    status,
    now,
    runId,
  )
}

/** @throws PressroomError `not-registered`. */
export function requireRun(db: DatabaseSync, runId: string): Run {
  const run = findRun(db, runId)
  if (run === undefined) throw new PressroomError('not-registered', `there is no run "${runId}"`)
  return run
}

export function findRun(db: DatabaseSync, runId: string): Run | undefined {
  const row = db.prepare(`${RUNS} where id = ?`).get(runId) as unknown as RunRow | undefined
  return row && toRun(db, row)
}

/** Newest first. */
export function selectRuns(db: DatabaseSync, query: RunQuery): Run[] {
  const conditions: string[] = []
  const values: (string | number)[] = []
  const demand = (condition: string, ...bound: (string | number)[]) => {
    conditions.push(condition)
    values.push(...bound)
  }
  if (query.experiment !== undefined) demand('experiment = ?', query.experiment)
  for (const [key, value] of Object.entries(query.params ?? {})) {
    demand('exists (select 1 from run_params where run_id = r.id and key = ? and value = ?)', key, value)
  }
  for (const [key, value] of Object.entries(query.tags ?? {})) {
    demand('exists (select 1 from run_tags where run_id = r.id and key = ? and value = ?)', key, value)
  }
  for (const [key, least] of Object.entries(query.minMetrics ?? {})) {
    demand(
      '(select value from run_metrics where run_id = r.id and key = ? order by step desc limit 1) >= ?',
      key,
      least,
    )
  }
  const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`
  const rows = db
    .prepare(`${RUNS} ${where} order by number desc limit ?`)
    .all(...values, query.limit ?? 100) as unknown as RunRow[]
  return rows.map(row => toRun(db, row))
}

function toRun(db: DatabaseSync, row: RunRow): Run {
  // Not as JSON: SQLite writes 15 digits of a number there, and a double has up to 17.
  const metrics = db.prepare(LAST_METRICS).all(row.id) as { key: string; value: number }[]
  return {
    ...row,
    endedAt: row.endedAt ?? undefined,
    params: JSON.parse(row.params),
    tags: JSON.parse(row.tags),
    datasets: JSON.parse(row.datasets),
    metrics: Object.fromEntries(metrics.map(({ key, value }) => [key, value])),
  }
}
