import { withoutIterations } from '../pipelines/diagram/group-names.ts'
import type { RunEvent, TaskRecord } from '../pipelines/runners/local/index.ts'

/** Iterations of a loop that are shown one by one; of longer ones people see what failed, and how it ended. */
const FEW = 12

/** What a run's events come to: lines that are final. */
export type Line =
  | { readonly depth: number; readonly heading: string }
  | {
      readonly depth: number
      readonly name: string
      readonly state: TaskRecord['state']
      readonly summary: string
      readonly seconds: number
    }

interface Loop {
  readonly path: string
  readonly iterations: number
  /** By iteration: tasks that have not ended. */
  readonly left: Map<string, Set<string>>
  readonly began: number
  /** Tasks of it. */
  failed: number
  stopped: number
}

type Finished = Extract<RunEvent, { type: 'task-finished' }>
type Named = readonly Pick<TaskRecord, 'task' | 'name'>[]

/** Follows a run: groups and iterations as headings over what is in them, long loops as one line. */
export class ProgressTree {
  readonly #names = new Map<string, string>()
  readonly #items = new Map<string, readonly string[]>()
  /** What people read for groups, by path in the specification. */
  #groups: Readonly<Record<string, string>> = {}
  readonly #running = new Map<string, number>()
  readonly #long: Loop[] = []
  readonly #now: () => number
  #heading: readonly string[] = []

  /** @param now milliseconds of a clock that only goes forward */
  constructor(now: () => number) {
    this.#now = now
  }

  /** What is running, the groups it is in, and the time since it began; long loops by how far they are. */
  running(): { readonly what: string; readonly within: string; readonly seconds: number }[] {
    const since = (began: number) => (this.#now() - began) / 1000
    const within = (path: string) => {
      const parts = path.split('/').slice(0, -1)
      return parts.map((_, i) => this.#labelOf(parts.slice(0, i + 1).join('/'))).join(' › ')
    }
    const loops = this.#long.map(({ path, iterations, left, began }) => {
      const what = `${this.#labelOf(path)}, ${iterations - left.size} of ${iterations}`
      return { what, within: within(path), seconds: since(began) }
    })
    const tasks = [...this.#running].filter(([task]) => this.#loopOf(task) === undefined)
    return [
      ...loops,
      ...tasks.map(([task, began]) => {
        return { what: this.#nameOf(task), within: within(task), seconds: since(began) }
      }),
    ]
  }

  /** Whether a task is one of so many that only its failure is told. */
  isBrief(task: string): boolean {
    return this.#loopOf(task) !== undefined
  }

  /** The lines that an event adds. */
  take(event: RunEvent): Line[] {
    if (event.type === 'run-started') {
      this.#name(event.tasks)
      this.#groups = event.groups
    }
    if (event.type === 'loop-started') return this.#begin(event.task, event.items, event.tasks)
    if (event.type === 'group-retried') {
      this.#replace(event.task, event.tasks)
      const heading = `${this.#labelOf(event.task)} failed and begins again in ${event.delay} s`
      return [...this.#headings(event.task.split('/').slice(0, -1)), { depth: this.#heading.length, heading }]
    }
    if (event.type === 'task-started') this.#running.set(event.task, this.#now())
    return event.type === 'task-finished' ? this.#finish(event) : []
  }

  #name(tasks: Named): void {
    for (const { task, name } of tasks) this.#names.set(task, name)
  }

  #nameOf(task: string): string {
    return this.#names.get(task) ?? task.slice(task.lastIndexOf('/') + 1)
  }

  /** The long loop that a path is in, the outermost. */
  #loopOf(path: string): Loop | undefined {
    return this.#long.find(loop => path.startsWith(`${loop.path}/`))
  }

  #begin(path: string, items: readonly string[], tasks: Named): Line[] {
    this.#items.set(path, items)
    const around = this.#loopOf(path)
    this.#replace(path, tasks)
    if (around !== undefined || items.length <= FEW) return []
    const loop: Loop = {
      path,
      iterations: items.length,
      left: new Map(),
      began: this.#now(),
      failed: 0,
      stopped: 0,
    }
    for (const { task } of tasks) waitFor(loop, task)
    this.#long.push(loop)
    return []
  }

  /** Other tasks stand where those of a loop or a group were. */
  #replace(path: string, tasks: Named): void {
    this.#name(tasks)
    const loop = this.#loopOf(path)
    if (loop === undefined) return
    const left = loop.left.get(iterationOf(loop, path)) ?? new Set()
    for (const task of left) if (task.startsWith(`${path}/`)) left.delete(task)
    for (const { task } of tasks) waitFor(loop, task)
  }

  #finish(event: Finished): Line[] {
    const { task, state, summary, seconds } = event
    this.#running.delete(task)
    const loop = this.#loopOf(task)
    const parts = task.split('/')
    const shown = loop === undefined || state === 'failed'
    const lines: Line[] = shown ? this.#headings(parts.slice(0, -1)) : []
    if (shown) lines.push({ depth: parts.length - 1, name: this.#labelOf(task), state, summary, seconds })
    return loop === undefined ? lines : [...lines, ...this.#count(loop, event)]
  }

  /** One task less in a long loop; the last one ends its line. */
  #count(loop: Loop, { task, state }: Finished): Line[] {
    const iteration = iterationOf(loop, task)
    const left = loop.left.get(iteration)
    left?.delete(task)
    if (state === 'failed') loop.failed++
    if (state === 'cancelled') loop.stopped++
    if (left?.size === 0) loop.left.delete(iteration)
    if (loop.left.size > 0) return []
    this.#long.splice(this.#long.indexOf(loop), 1)
    const parts = loop.path.split('/')
    const failures = loop.failed === 0 ? '' : `, ${loop.failed} failed`
    const stops = loop.stopped === 0 ? '' : `, ${loop.stopped} stopped`
    return [
      ...this.#headings(parts.slice(0, -1)),
      {
        depth: parts.length - 1,
        name: this.#labelOf(loop.path),
        state: loop.stopped > 0 ? 'cancelled' : loop.failed > 0 ? 'failed' : 'succeeded',
        summary: `${loop.iterations} iterations${failures}${stops}`,
        seconds: (this.#now() - loop.began) / 1000,
      },
    ]
  }

  /** Headings for the groups that a line is in and the line before was not. */
  #headings(groups: readonly string[]): Line[] {
    const before = this.#heading
    this.#heading = groups
    const differs = groups.findIndex((group, i) => group !== before[i])
    if (differs === -1) return []
    return groups.slice(differs).map((_, i) => {
      const depth = differs + i
      return { depth, heading: this.#labelOf(groups.slice(0, depth + 1).join('/')) }
    })
  }

  /** A name, or an iteration's number and item. */
  #labelOf(path: string): string {
    const last = path.lastIndexOf('/')
    const item = this.#items.get(path.slice(0, last))?.[Number(path.slice(last + 1))]
    if (item !== undefined) return `${path.slice(last + 1)} ${item}`
    const template = withoutIterations(path, loop => this.#items.has(loop))
    return this.#groups[template] ?? this.#nameOf(path)
  }
}

function iterationOf(loop: Loop, path: string): string {
  return path
    .slice(loop.path.length + 1)
    .split('/', 1)
    .join()
}

function waitFor(loop: Loop, task: string): void {
  const iteration = iterationOf(loop, task)
  const left = loop.left.get(iteration)
  if (left === undefined) loop.left.set(iteration, new Set([task]))
  else left.add(task)
}
