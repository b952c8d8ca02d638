import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Json } from '../../../components/definition/index.ts'
import { PressroomError } from '../../../core/errors.ts'
import type { PipelineSpec } from '../../specification.ts'
import type { RunState, TaskRecord, Values } from './types.ts'

/** A run's `run.json`. */
export interface RunFile {
  readonly formatVersion: 1
  readonly id: string
  readonly pipeline: string
  readonly parameters: Readonly<Record<string, Json>>
  readonly state: RunState
  /** ISO 8601. */
  readonly startedAt: string
  readonly endedAt?: string | undefined
  /** Those of the run itself, once it succeeded. */
  readonly outputs?: Values | undefined
  /** By loop: its items, shortened. */
  readonly loops: Readonly<Record<string, readonly string[]>>
  readonly tasks: readonly TaskRecord[]
  /** What was finished before the run was continued and has not been come to since, until the run succeeds. */
  readonly earlier?: readonly TaskRecord[] | undefined
}

/** What a run has finished, by path: what it can be continued with. */
export function finishedTasks({ earlier = [], tasks }: RunFile): ReadonlyMap<string, TaskRecord> {
  const finished = [...earlier, ...tasks].filter(({ outputs }) => outputs !== undefined)
  return new Map(finished.map(record => [record.task, record]))
}

/** The runs of a home folder, newest first; what is no run is left out. */
export async function listRuns(home: string): Promise<RunFile[]> {
  const folder = join(resolve(home), 'runs')
  const names = (await readdir(folder).catch(() => [])).sort().reverse()
  const runs = await Promise.all(names.map(name => readRunFile(join(folder, name)).catch(() => undefined)))
  return runs.filter(run => run !== undefined)
}

/**
 * A run by its id, by an unambiguous start of it, or the newest as `last`.
 * @throws PressroomError `usage` when there is none or several
 */
export async function findRun(home: string, name: string): Promise<RunFile> {
  const runs = await listRuns(home)
  const found = name === 'last' ? runs.slice(0, 1) : runs.filter(({ id }) => id.startsWith(name))
  if (found.length === 1) return found[0] as RunFile
  const newest = (found.length > 0 ? found : runs).slice(0, 5).map(({ id, state }) => `${id} ${state}`)
  throw new PressroomError(
    'usage',
    `${found.length === 0 ? 'no' : 'more than one'} run "${name}" in ${home}`,
    {
      where: newest.length === 0 ? 'there are none' : newest.join('\n  '),
      fix: 'see pressroom runs',
    },
  )
}

/** The specification that a run ran. */
export async function readRunSpec(home: string, id: string): Promise<PipelineSpec> {
  return JSON.parse(await readFile(join(resolve(home), 'runs', id, 'pipeline.json'), 'utf8'))
}

async function readRunFile(folder: string): Promise<RunFile> {
  return JSON.parse(await readFile(join(folder, 'run.json'), 'utf8'))
}
