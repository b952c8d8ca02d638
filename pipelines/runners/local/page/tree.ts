import { withoutIterations } from '../../../diagram/group-names.ts'
import type { TaskRecord } from '../types.ts'

/** A task, or a group with what is in it. */
export interface Branch {
  readonly label: string
  /** What an iteration of a loop goes over. */
  readonly item?: string | undefined
  readonly task?: TaskRecord | undefined
  readonly branches: readonly Branch[]
  /** How many tasks in it are in which state. */
  readonly states: ReadonlyMap<TaskRecord['state'], number>
}

interface Growing {
  task?: TaskRecord
  readonly inner: Map<string, Growing>
}

/**
 * The tasks of a run as the tree that their paths describe; loops without iterations are in it.
 * @param groups names for people, by path in the specification
 */
export function treeOf(
  tasks: readonly TaskRecord[],
  loops: Readonly<Record<string, readonly string[]>>,
  groups: Readonly<Record<string, string>>,
): readonly Branch[] {
  const root: Growing = { inner: new Map() }
  for (const task of tasks) grow(root, task.task).task = task
  for (const loop of Object.keys(loops)) grow(root, loop)
  return branchesOf(root, '', loops, groups)
}

function grow(root: Growing, path: string): Growing {
  let at = root
  for (const part of path.split('/')) {
    const next = at.inner.get(part) ?? { inner: new Map() }
    at.inner.set(part, next)
    at = next
  }
  return at
}

function branchesOf(
  { inner }: Growing,
  path: string,
  loops: Readonly<Record<string, readonly string[]>>,
  groups: Readonly<Record<string, string>>,
): readonly Branch[] {
  const templateOf = (own: string) => withoutIterations(own, loop => Object.hasOwn(loops, loop))
  return [...inner].map(([part, { task, inner }]) => {
    const own = path === '' ? part : `${path}/${part}`
    const branches = branchesOf({ inner }, own, loops, groups)
    const states = new Map(totalOf(branches))
    if (task !== undefined) states.set(task.state, (states.get(task.state) ?? 0) + 1)
    const item = loops[path]?.[Number(part)]
    // A group that failed by itself has a record, and its tasks too.
    const leaf = branches.length === 0 ? task : undefined
    return {
      label: item !== undefined ? part : (leaf?.name ?? groups[templateOf(own)] ?? part),
      item,
      task: leaf,
      branches,
      states,
    }
  })
}

/** The iterations of a long loop in groups of `size`, named by the first and the last; whatever else is as it was. */
export function inRanges(branches: readonly Branch[], size: number): readonly Branch[] {
  if (branches.length <= size || branches.some(({ item }) => item === undefined)) return branches
  const count = Math.ceil(branches.length / size)
  return Array.from({ length: count }, (_, i) => {
    const range = branches.slice(i * size, (i + 1) * size)
    return {
      label: `${range[0]!.label} to ${range.at(-1)!.label}`,
      branches: range,
      states: totalOf(range),
    }
  })
}

function totalOf(branches: readonly Branch[]): ReadonlyMap<TaskRecord['state'], number> {
  const states = new Map<TaskRecord['state'], number>()
  for (const branch of branches) {
    for (const [state, count] of branch.states) states.set(state, (states.get(state) ?? 0) + count)
  }
  return states
}

/** From worst to best: of a task that a loop ran many times, the graph shows the worst. */
const WORST: readonly TaskRecord['state'][] = [
  'failed',
  'cancelled',
  'running',
  'pending',
  'succeeded',
  'cached',
  'skipped',
]

/** Tasks by where they stand in the specification: of the iterations of a loop, the first of the worst. */
export function tasksInGraph(
  tasks: readonly TaskRecord[],
  loops: Readonly<Record<string, readonly string[]>>,
): ReadonlyMap<string, TaskRecord> {
  const worst = new Map<string, TaskRecord>()
  for (const task of tasks) {
    const path = withoutIterations(task.task, loop => Object.hasOwn(loops, loop))
    const before = worst.get(path)
    if (before === undefined || WORST.indexOf(task.state) < WORST.indexOf(before.state)) worst.set(path, task)
  }
  return worst
}
