import { shorten } from '../../../core/report/shorten.ts'
import type { ComponentSpec, PipelineSpec } from '../../specification.ts'
import { plannedTasks } from '../planned-tasks.ts'
import type { SeenTask } from '../task-teller.ts'
import type { Job, TaskDetail } from './records.ts'

/** One task of a job. */
export interface TaskView extends SeenTask {
  /** What people read. */
  readonly name: string
  /** Vertex AI's own word for its state: `RUNNING`; empty for a task that it does not list. */
  readonly vertexState: string
  readonly error?: string
  /** The id of the custom job that its container ran in. */
  readonly customJob?: string
}

/** The states of pipeline_job.proto; new ones count as running, so that they end the wait no sooner than the job. */
const STATES: Readonly<Record<string, TaskView['state']>> = {
  STATE_UNSPECIFIED: 'pending',
  PENDING: 'pending',
  SUCCEEDED: 'succeeded',
  CANCELLED: 'cancelled',
  FAILED: 'failed',
  // Skipped because its result was in the cache.
  SKIPPED: 'cached',
  NOT_TRIGGERED: 'skipped',
}

/**
 * The tasks of a job in the order the server lists them, and after them those of the specification that it does not list:
 * they have not begun. Paths come from the links to parents. The job itself may be listed too, as a task that is the
 * parent of all others; it is left out.
 */
export function readTasks(spec: PipelineSpec, job: Pick<Job, 'id' | 'tasks'>): TaskView[] {
  const byId = new Map(job.tasks.map(detail => [detail.id, detail]))
  const parents = new Set(job.tasks.map(({ parent }) => parent))
  const tops = spec.root.dag?.tasks ?? {}
  const isJob = ({ id, parent, name }: TaskDetail) =>
    parent === undefined && !Object.hasOwn(tops, name) && (name === job.id || parents.has(id))
  const paths = new Map<string, string[]>()
  const names = namesOfIterations(job.tasks)

  function pathOf(detail: TaskDetail, depth = 0): string[] {
    const known = paths.get(detail.id)
    if (known !== undefined) return known
    const above = detail.parent === undefined ? undefined : byId.get(detail.parent)
    // The depth keeps a list that names itself as its parent from walking for ever.
    const before = above === undefined || isJob(above) || depth > 100 ? [] : pathOf(above, depth + 1)
    const path = [...before, names.get(detail.id) ?? detail.name]
    paths.set(detail.id, path)
    return path
  }

  const listed = job.tasks
    .filter(detail => !isJob(detail))
    .map(detail => {
      const path = pathOf(detail)
      const { error, customJob, state } = detail
      const planned = taskAt(spec, path)
      return {
        task: path.join('/'),
        name: planned?.name ?? detail.name,
        group: parents.has(detail.id) || planned?.component.dag !== undefined,
        state: STATES[state] ?? 'running',
        vertexState: state,
        seconds: secondsBetween(detail.startedAt, detail.endedAt),
        ...(error !== undefined && { error: shorten(error, 300) }),
        ...(customJob !== undefined && { customJob }),
      }
    })
  return [...listed, ...unlistedTasks(spec, listed)]
}

/** What is in a group that was not triggered will not begin; the rest may. */
function unlistedTasks(spec: PipelineSpec, listed: readonly TaskView[]): TaskView[] {
  const known = new Set(listed.map(({ task }) => task))
  const skipped = listed.filter(({ group, state }) => group && state === 'skipped')
  return plannedTasks(spec)
    .filter(({ task }) => !known.has(task))
    .map(({ task, name }) => {
      const state = skipped.some(group => task.startsWith(`${group.task}/`)) ? 'skipped' : 'pending'
      return { task, name, group: false, state, vertexState: '', seconds: 0 }
    })
}

/** Tasks of one name below one parent, as the iterations of a loop may be, are numbered from the second on. */
function namesOfIterations(details: readonly TaskDetail[]): ReadonlyMap<string, string> {
  const siblings = Map.groupBy(details, ({ parent, name }) => `${parent}\n${name}`)
  return new Map(
    [...siblings.values()]
      .filter(group => group.length > 1)
      .flatMap(group => group.slice(1).map(({ id, name }, i) => [id, `${name}-${i + 1}`] as const)),
  )
}

/** The task at a path, where the specification has it. */
function taskAt(
  spec: PipelineSpec,
  path: readonly string[],
): { readonly name: string; readonly component: ComponentSpec } | undefined {
  let found: { readonly name: string; readonly component: ComponentSpec } | undefined
  for (const key of path) {
    const tasks = Object.entries((found?.component ?? spec.root).dag?.tasks ?? {})
    const [, task] = tasks.find(([name]) => name === key) ?? []
    if (task === undefined) return undefined
    found = { name: task.taskInfo.name, component: spec.components?.[task.componentRef.name] ?? {} }
  }
  return found
}

function secondsBetween(start: string | undefined, end: string | undefined): number {
  const seconds = (Date.parse(end ?? '') - Date.parse(start ?? '')) / 1000
  return seconds > 0 ? seconds : 0
}
