import { RESERVED_OUTPUTS, type TaskSettings } from '../../components/definition/index.ts'
import type { TaskNode } from './graph.ts'
import { Reference } from './references.ts'

/** Seconds; the back end never waits longer between two attempts (`set_retry` of kfp/dsl/pipeline_task.py). */
export const LONGEST_BACKOFF = 3600

/** What stands behind `Task`: its settings, and its outputs as properties; the node is private so as to hide none. */
export class TaskHandle {
  readonly #node: TaskNode
  readonly outputs: Readonly<Record<string, Reference>>

  /** The task that a call inside a pipeline returned, or undefined for anything else. */
  static nodeOf(handle: unknown): TaskNode | undefined {
    return handle instanceof TaskHandle ? handle.#node : undefined
  }

  constructor(node: TaskNode) {
    this.#node = node
    const outputs = Object.entries(node.component.outputs).map(([name, definition]) => {
      return [name, new Reference({ from: 'task', task: node, name, definition })] as const
    })
    this.outputs = Object.fromEntries(outputs)
    for (const [name, value] of outputs) {
      if (!RESERVED_OUTPUTS.has(name)) Object.defineProperty(this, name, { value, enumerable: true })
    }
  }

  cpu(limit: unknown, options: { request?: unknown } = {}): this {
    return this.#set({ cpu: limit, ...(options.request !== undefined && { cpuRequest: options.request }) })
  }
  memory(limit: unknown, options: { request?: unknown } = {}): this {
    return this.#set({
      memory: limit,
      ...(options.request !== undefined && { memoryRequest: options.request }),
    })
  }
  accelerator(type: unknown, count: unknown = 1): this {
    return this.#set({ accelerator: { type, count } })
  }
  image(image: unknown): this {
    return this.#set({ image })
  }
  env(variables: Readonly<Record<string, unknown>>): this {
    Object.assign(this.#node.settings.env, variables)
    return this
  }
  retry(times: number, options: { backoff?: number; factor?: number; longest?: number } = {}): this {
    const { backoff = 0, factor = 2, longest = LONGEST_BACKOFF } = options
    return this.#set({ retry: { times, backoff, factor, longest } })
  }
  cache(enabled: boolean | { readonly key: string }): this {
    return this.#set(
      typeof enabled === 'boolean' ? { cache: enabled } : { cache: true, cacheKey: enabled.key },
    )
  }
  after(...tasks: readonly unknown[]): this {
    this.#node.settings.after.push(...tasks)
    return this
  }
  ignoreUpstreamFailure(): this {
    return this.#set({ ignoreUpstreamFailure: true })
  }
  named(displayName: string): this {
    return this.#set({ displayName })
  }

  #set(settings: Partial<TaskNode['settings']>): this {
    Object.assign(this.#node.settings, settings)
    return this
  }
}

/** Type check alone: every setting of the public type is there. */
TaskHandle.prototype satisfies { [K in keyof TaskSettings]: (...args: never[]) => unknown }

/** The task that a call inside a pipeline returned, or undefined for anything else. */
export const nodeOf = TaskHandle.nodeOf
