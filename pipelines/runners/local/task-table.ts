import type { PlannedTask } from './plan.ts'
import type { TaskRecord } from './types.ts'

/** The tasks of a run by path, in the order of the plan. Loops that begin put those of their iterations in place of their own. */
export class TaskTable {
  #tasks: Map<string, TaskRecord>
  /** By loop: its tasks as they were before it began. */
  readonly #templates = new Map<string, readonly TaskRecord[]>()

  constructor(tasks: readonly PlannedTask[]) {
    this.#tasks = new Map(tasks.map(task => [task.task, { ...task, state: 'pending' }]))
  }

  get(path: string): TaskRecord | undefined {
    return this.#tasks.get(path)
  }

  all(): TaskRecord[] {
    return [...this.#tasks.values()]
  }

  /** A task, or those in a group at any depth. */
  within(path: string): TaskRecord[] {
    return this.all().filter(({ task }) => isWithin(task, path))
  }

  update(path: string, change: Partial<TaskRecord>): void {
    const before = this.#tasks.get(path) ?? { task: path, name: lastPart(path), state: 'pending' }
    this.#tasks.set(path, { ...before, ...change })
  }

  /** A loop begins: each of its tasks becomes one an iteration. Returns those. */
  expand(path: string, iterations: number): readonly TaskRecord[] {
    const templates = this.within(path)
    this.#templates.set(path, templates)
    const expanded = Array.from({ length: iterations }, (_, i) => {
      return templates.map(record => ({ ...record, task: `${path}/${i}${record.task.slice(path.length)}` }))
    }).flat()
    this.#replace(path, expanded)
    return expanded
  }

  /** A group begins again: what is in it is as before it began. Returns that. */
  reset(path: string): readonly TaskRecord[] {
    // A loop around another began first: it knows the inner one's tasks from before both.
    const begun = [...this.#templates].filter(([loop]) => isWithin(loop, path)).reverse()
    for (const [loop, templates] of begun) {
      this.#replace(loop, templates)
      this.#templates.delete(loop)
    }
    const fresh = this.within(path).map(({ task, name, stage }): TaskRecord => {
      return { task, name, ...(stage !== undefined && { stage }), state: 'pending' }
    })
    for (const record of fresh) this.#tasks.set(record.task, record)
    return fresh
  }

  /** Puts records where those of a group were. */
  #replace(path: string, records: readonly TaskRecord[]): void {
    const all = this.all()
    const at = all.findIndex(({ task }) => isWithin(task, path))
    const others = all.filter(({ task }) => !isWithin(task, path))
    others.splice(at === -1 ? others.length : at, 0, ...records)
    this.#tasks = new Map(others.map(record => [record.task, record]))
  }
}

function isWithin(task: string, path: string): boolean {
  return task === path || task.startsWith(`${path}/`)
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
