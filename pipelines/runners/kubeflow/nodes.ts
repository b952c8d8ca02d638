import { own } from '../../../core/object.ts'
import type { ComponentSpec, PipelineSpec, TaskSpec } from '../../specification.ts'
import type { TaskDetail } from './records.ts'

type TaskState = 'pending' | 'running' | 'succeeded' | 'cached' | 'skipped' | 'failed'

/** One task of a run, as read from the server's list of Argo nodes. */
export interface TaskView {
  /** Its name after those of the groups around it, a `/` each; an iteration of a loop is its index. */
  readonly task: string
  readonly name: string
  /** Whether it stands for tasks of its own: a condition, a loop, a nested pipeline. */
  readonly group: boolean
  readonly state: TaskState
  /** Ids of the Argo nodes whose pods ran for it, newest last: attempts of its container, or its driver when that failed. */
  readonly nodes: readonly string[]
  /** Whether its driver failed: the pod that resolves its inputs before its own container starts. */
  readonly driverFailed: boolean
  /** Whether a pod of it waits to start. */
  readonly waiting: boolean
  /** Seconds from start to end; 0 when it did not run or has not ended. */
  readonly seconds: number
}

/**
 * The tasks of a run in the order of the specification.
 *
 * The server lists Argo's nodes without saying which belongs to which: names repeat ("executor" is every container), and
 * the only links are ids of children. But an id is the workflow's name and the FNV-1a hash of the node's full name
 * (`NodeID` in Argo's workflow/v1alpha1/workflow_types.go), and full names follow from the specification: `NAME(0)` is an
 * attempt, `PARENT.TASK` a task of a DAG, `TASK-driver` what resolves its inputs, `executor` its container,
 * `iteration-iterations(2:2)` and `iteration-item` an iteration, `TASK.onExit` what runs after it in any case. So each
 * name is hashed and looked for among the ids. Checked against every recorded run of 2.17.0: no id is left over.
 */
export function readTasks(spec: PipelineSpec, details: readonly TaskDetail[]): TaskView[] {
  const nodes = new NodeIndex(details)
  if (nodes.workflow === undefined) return []
  const top = latest(nodes, nodes.workflow)
  const tasks = visitDag({ spec, nodes }, spec.root, latest(nodes, `${top}.root`), [])
  const driver = `${top}.root-driver`
  if (nodes.entry('root-driver', driver)?.state !== 'FAILED') return tasks
  // No task has begun; the pipeline itself stands for what failed.
  const failed = { group: true, state: 'failed', driverFailed: true, waiting: false, seconds: 0 } as const
  const pods = attempts(nodes, driver).map(pod => nodes.id(pod))
  return [{ task: 'root', name: spec.pipelineInfo.name, nodes: pods, ...failed }, ...tasks]
}

interface Walk {
  readonly spec: PipelineSpec
  readonly nodes: NodeIndex
}

function visitDag(walk: Walk, component: ComponentSpec, dag: string, path: readonly string[]): TaskView[] {
  const tasks = component.dag?.tasks ?? {}
  return Object.entries(tasks).flatMap(([key, task]) =>
    visitTask(walk, key, task, parentOf(walk, key, task, dag), path),
  )
}

/** A task that runs whatever became of those before it hangs below the hook of one of them. */
function parentOf(
  { nodes }: Walk,
  key: string,
  { triggerPolicy, dependentTasks = [] }: TaskSpec,
  dag: string,
): string {
  if (triggerPolicy?.strategy !== 'ALL_UPSTREAM_TASKS_COMPLETED') return dag
  const hooks = dependentTasks.map(before => latest(nodes, `${dag}.${before}.onExit`))
  return (
    hooks.find(hook => nodes.has(`${hook}.${key}`) || nodes.has(`${hook}.${key}-driver`)) ?? hooks[0] ?? dag
  )
}

function visitTask(
  walk: Walk,
  key: string,
  task: TaskSpec,
  parent: string,
  above: readonly string[],
): TaskView[] {
  const { spec, nodes } = walk
  const component = own(spec.components ?? {}, task.componentRef.name) ?? {}
  const name = `${parent}.${key}`
  const path = [...above, key]
  const driver = `${parent}.${key}-driver`
  const attempt = latest(nodes, name)
  const importer =
    own(spec.deploymentSpec?.executors ?? {}, component.executorLabel ?? '')?.importer !== undefined
  const pods =
    component.executorLabel === undefined ? [] : attempts(nodes, importer ? name : `${attempt}.executor`)
  const entry = nodes.entry(key, name)
  const driverEntry = nodes.entry(`${key}-driver`, driver)
  const driverFailed = driverEntry?.state === 'FAILED'
  const leaf = component.dag === undefined
  const view: TaskView = {
    task: path.join('/'),
    name: task.taskInfo.name,
    group: !leaf,
    state: driverFailed ? 'failed' : stateOf(entry, driverEntry, leaf && !importer && pods.length === 0),
    nodes: (driverFailed ? attempts(nodes, driver) : pods).map(pod => nodes.id(pod)),
    driverFailed,
    waiting:
      isWaiting(nodes, driver, `${key}-driver`) ||
      pods.some(pod => isWaiting(nodes, pod.replace(/\(\d+\)$/, ''), 'executor')),
    seconds: secondsBetween(
      driverEntry?.start_time ?? entry?.start_time,
      entry?.end_time ?? driverEntry?.end_time,
    ),
  }
  return [view, ...visitInside(walk, component, task, attempt, path)]
}

function visitInside(
  walk: Walk,
  component: ComponentSpec,
  task: TaskSpec,
  attempt: string,
  path: readonly string[],
): TaskView[] {
  if (task.parameterIterator === undefined && task.artifactIterator === undefined) {
    return component.dag === undefined ? [] : visitDag(walk, component, attempt, path)
  }
  const views: TaskView[] = []
  for (let i = 0; ; i++) {
    const iteration = `${attempt}.iteration-iterations(${i}:${i})`
    if (!walk.nodes.has(iteration)) return views
    const item = latest(walk.nodes, `${latest(walk.nodes, iteration)}.iteration-item`)
    views.push(...visitDag(walk, component, item, [...path, String(i)]))
  }
}

/** The newest attempt of a node; the first one when there is none yet. */
function latest(nodes: NodeIndex, name: string): string {
  return attempts(nodes, name).at(-1) ?? `${name}(0)`
}

function attempts(nodes: NodeIndex, name: string): string[] {
  const found: string[] = []
  for (let i = 0; nodes.has(`${name}(${i})`); i++) found.push(`${name}(${i})`)
  return found
}

function isWaiting(nodes: NodeIndex, name: string, displayName: string): boolean {
  const entry = nodes.entry(displayName, name)
  // Argo says of the node that it runs; only its attempts, which nothing links to it, say that their pod waits.
  return (
    entry?.state === 'RUNNING' &&
    attempts(nodes, name).length > 0 &&
    nodes.anyPending(displayName, attempts(nodes, name).length - 1)
  )
}

function stateOf(
  entry: TaskDetail | undefined,
  driver: TaskDetail | undefined,
  withoutPod: boolean,
): TaskState {
  switch (entry?.state) {
    case 'SUCCEEDED':
      return withoutPod ? 'cached' : 'succeeded'
    case 'FAILED':
      return 'failed'
    case 'SKIPPED':
      return 'skipped'
    case 'RUNNING':
    case 'PENDING':
      return 'running'
    default:
      return driver?.state === 'RUNNING' || driver?.state === 'PENDING' ? 'running' : 'pending'
  }
}

function secondsBetween(start: string | undefined, end: string | undefined): number {
  const seconds = (Date.parse(end ?? '') - Date.parse(start ?? '')) / 1000
  // An end that has not come is the year 1 or 1970.
  return seconds > 0 ? seconds : 0
}

class NodeIndex {
  readonly workflow: string | undefined
  readonly #ids: ReadonlySet<string>
  readonly #byName = new Map<string, TaskDetail[]>()

  constructor(details: readonly TaskDetail[]) {
    this.#ids = new Set(details.flatMap(childrenOf))
    this.workflow = this.#ids.values().next().value?.replace(/-\d+$/, '')
    for (const detail of details) {
      const name = detail.display_name ?? ''
      this.#byName.set(name, [...(this.#byName.get(name) ?? []), detail])
    }
  }

  id(name: string): string {
    return `${this.workflow}-${fnv1a(name)}`
  }

  has(name: string): boolean {
    return this.#ids.has(this.id(name))
  }

  /** The entry of a node that was tried, told by its attempts; else, as good as can be, one of its name that was not. */
  entry(displayName: string, name: string): TaskDetail | undefined {
    const entries = this.#byName.get(displayName) ?? []
    const id = this.id(latest(this, name))
    return (
      entries.find(entry => childrenOf(entry).includes(id)) ??
      (this.has(name)
        ? entries.find(entry => childrenOf(entry).length === 0 && entry.state === 'SKIPPED')
        : undefined)
    )
  }

  anyPending(displayName: string, attempt: number): boolean {
    return (this.#byName.get(`${displayName}(${attempt})`) ?? []).some(({ state }) => state === 'PENDING')
  }
}

function childrenOf(detail: TaskDetail): string[] {
  return (detail.child_tasks ?? []).flatMap(({ pod_name: id }) => id ?? [])
}

/** FNV-1a, 32 bits, over the UTF-8 bytes (http://www.isthe.com/chongo/tech/comp/fnv). */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}
