import {
  type AnyStage,
  type AnyTask,
  installRecorder,
  type References,
} from '../../components/definition/index.ts'
import { PressroomError } from '../../core/errors.ts'
import { componentOf } from './component.ts'
import type { Component, Graph, Group, InnerGroup, PipelineInputs, RootGroup, TaskNode } from './graph.ts'
import { Reference } from './references.ts'
import { TaskHandle } from './task-handle.ts'

/** Ten times what compiling is measured with, and far more than a back end takes: a loop that never ends stops here. */
const MOST_TASKS = 100_000

/** A pipeline's body while it runs. */
export interface Recording {
  readonly tasks: TaskNode[]
  group: Group
  /** The number given out last; groups and the items of literal loops share one counter. */
  lastId: number
  /** The pipelines it calls: a body runs once, however often its pipeline is called. */
  readonly pipelines: Map<unknown, Graph>
}

let recording: Recording | undefined

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
  recording = { tasks, group: root, lastId: 0, pipelines: new Map() }
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
 * @throws PressroomError `invalid-pipeline` outside a pipeline, and for a task too many
 */
export function addTask(component: Component, args: Readonly<Record<string, unknown>>): AnyTask {
  const { group, tasks } = current(`"${component.name}" was called`)
  if (tasks.length === MOST_TASKS) {
    throw new PressroomError('invalid-pipeline', `more than ${MOST_TASKS} tasks`, {
      where: `"${component.name}" was called again and again`,
      fix: 'look for an endless loop; each() repeats tasks for every item when the pipeline runs',
    })
  }
  const node: TaskNode = { component, group, args, settings: { after: [], env: {}, kubernetes: [] } }
  tasks.push(node)
  group.tasks.push(node)
  return new TaskHandle(node) as unknown as AnyTask
}

/**
 * Records what the body calls as part of the group.
 * @throws whatever the body throws
 */
export function fill<T>(state: Recording, group: InnerGroup, body: () => T): T {
  const outer = state.group
  state.group = group
  try {
    return body()
  } finally {
    state.group = outer
  }
}

/**
 * The recording that is under way.
 * @param what was done, for the message
 * @throws PressroomError `invalid-pipeline` outside a pipeline
 */
export function current(what: string): Recording {
  if (recording !== undefined) return recording
  throw new PressroomError('invalid-pipeline', `${what} outside a pipeline`, {
    fix: 'call it inside the function given to pipeline()',
  })
}

/** The references a body returned, by name; what is none is for the compiler to name. */
export function referencesIn(returned: unknown): readonly (readonly [string, Reference])[] {
  if (typeof returned !== 'object' || returned === null) return []
  return Object.entries(returned).flatMap(([name, value]) => {
    return value instanceof Reference ? [[name, value] as const] : []
  })
}

function inputReferences(inputs: PipelineInputs): References<PipelineInputs> {
  const references = Object.entries(inputs).map(([name, definition]) => {
    return [name, new Reference({ from: 'input', name, definition, inputs })]
  })
  return Object.fromEntries(references)
}
