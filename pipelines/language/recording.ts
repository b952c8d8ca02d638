import {
  type AnyStage,
  type AnyTask,
  installRecorder,
  type References,
  type TaskSettings,
} from '../../components/definition/index.ts'
import { PressroomError } from '../../core/errors.ts'
import { componentOf } from './component.ts'
import type { Component, ConditionGroup, Graph, Group, PipelineInputs, RootGroup, TaskNode } from './graph.ts'
import { Reference } from './references.ts'

interface Recording {
  readonly tasks: TaskNode[]
  group: Group
}

let recording: Recording | undefined

/** The task that a call inside a pipeline returned, or undefined for anything else. */
export function nodeOf(task: unknown): TaskNode | undefined {
  return task instanceof TaskHandle ? TaskHandle.nodeOf(task) : undefined
}

/**
 * Runs a pipeline's body and returns the graph of its calls.
 * @throws PressroomError `invalid-pipeline` for an asynchronous body; whatever the body throws
 */
export function record(
  inputs: PipelineInputs,
  body: (references: References<PipelineInputs>) => unknown,
): Graph {
  const root: RootGroup = { kind: 'pipeline', groups: [], tasks: [] }
  const tasks: TaskNode[] = []
  const outer = recording
  recording = { tasks, group: root }
  const uninstall = installRecorder((stage: AnyStage, args) => addTask(componentOf(stage), args))
  try {
    const returned = body(inputReferences(inputs))
    if (returned instanceof Promise) {
      throw new PressroomError('invalid-pipeline', "a pipeline's body must not be asynchronous", {
        where: 'what it calls after its first await would be lost',
        fix: 'remove "async"; the body only describes the pipeline, it waits for nothing',
      })
    }
    return { root, tasks, inputs, returned }
  } finally {
    uninstall()
    recording = outer
  }
}

/**
 * Adds a task to the group being recorded.
 * @throws PressroomError `invalid-pipeline` outside a pipeline
 */
export function addTask(component: Component, args: Readonly<Record<string, unknown>>): AnyTask {
  const { group, tasks } = current(`"${component.name}" was called`)
  const node: TaskNode = { component, group, args, settings: { after: [] } }
  tasks.push(node)
  group.tasks.push(node)
  return new TaskHandle(node) as unknown as AnyTask
}

/**
 * Records what the body calls as a group that runs only when the condition holds.
 * @throws PressroomError `invalid-pipeline` outside a pipeline; whatever the body throws
 */
export function addCondition(condition: unknown, body: () => void): void {
  const state = current('when() was called')
  const parent = state.group
  const group: ConditionGroup = { kind: 'condition', parent, condition, groups: [], tasks: [] }
  parent.groups.push(group)
  state.group = group
  try {
    body()
  } finally {
    state.group = parent
  }
}

function current(what: string): Recording {
  if (recording !== undefined) return recording
  throw new PressroomError('invalid-pipeline', `${what} outside a pipeline`, {
    fix: 'call it inside the function given to pipeline()',
  })
}

function inputReferences(inputs: PipelineInputs): References<PipelineInputs> {
  const references = Object.entries(inputs).map(([name, definition]) => {
    return [name, new Reference({ from: 'input', name, definition, inputs })]
  })
  return Object.fromEntries(references)
}

/** What stands behind `Task`: its settings, and its outputs as properties; the node is private so as to hide none. */
class TaskHandle implements TaskSettings {
  readonly #node: TaskNode

  static nodeOf(handle: TaskHandle): TaskNode {
    return handle.#node
  }

  constructor(node: TaskNode) {
    this.#node = node
    for (const [name, definition] of Object.entries(node.component.outputs)) {
      const value = new Reference({ from: 'task', task: node, name, definition })
      Object.defineProperty(this, name, { value, enumerable: true })
    }
  }

  cpu(limit: string): this {
    this.#node.settings.cpu = limit
    return this
  }
  memory(limit: string): this {
    this.#node.settings.memory = limit
    return this
  }
  retry(times: number, options: { backoff?: number } = {}): this {
    this.#node.settings.retry = { times, backoff: options.backoff ?? 0 }
    return this
  }
  cache(enabled: boolean): this {
    this.#node.settings.cache = enabled
    return this
  }
  after(...tasks: readonly unknown[]): this {
    this.#node.settings.after.push(...tasks)
    return this
  }
  named(displayName: string): this {
    this.#node.settings.displayName = displayName
    return this
  }
}
