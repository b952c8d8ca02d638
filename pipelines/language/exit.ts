import type { AnyTask, ExitHandler, KindValues, Parameter } from '../../components/definition/index.ts'
import { PressroomError } from '../../core/errors.ts'
import type { GroupOptions } from './conditions.ts'
import type { ExitGroup } from './graph.ts'
import { current, fill } from './recording.ts'
import { nodeOf } from './task-handle.ts'

/**
 * Runs `exit` after the tasks that `body` calls, whatever came of them. An input of the exit task that is a
 * {@link finalStatus} is filled in. Only the outermost level of a pipeline can hold one, and the exit task can use nothing
 * but the pipeline's inputs.
 * @throws PressroomError `invalid-pipeline` outside a pipeline, or when `exit` is no task called just here
 */
export function onExit(exit: AnyTask, body: () => void, options: GroupOptions = {}): ExitHandler {
  const state = current('onExit() was called')
  const node = nodeOf(exit)
  const position = node === undefined ? -1 : state.group.tasks.indexOf(node)
  if (node === undefined || position < 0) {
    throw new PressroomError('invalid-pipeline', 'onExit() was given no task called in the same place', {
      fix: 'write onExit(task({…}), () => { … }), a task of its own for each onExit()',
    })
  }
  state.group.tasks.splice(position, 1)
  const group: ExitGroup = {
    kind: 'exit-handler',
    parent: state.group,
    id: ++state.lastId,
    displayName: options.named,
    exit: node,
    groups: [],
    tasks: [],
  }
  state.group.groups.push(group)
  fill(state, group, body)
  return new ExitHandle(group) as unknown as ExitHandler
}

/**
 * An input that the orchestrator fills in: how the tasks before an exit task ended. It is a struct of `state`
 * (`COMPLETE` or `FAILED`), `error`, `pipelineTaskName` and `pipelineJobResourceName`.
 */
export function finalStatus(help: string): Parameter<'struct', KindValues['struct'], 'optional'> {
  return { role: 'parameter', kind: 'struct', presence: 'optional', help, special: 'final-status' }
}

/**
 * An input that the orchestrator fills in: the configuration of the task (resources, environment, volumes, …), for
 * components that hand it on to what they start.
 */
export function taskConfig(help: string): Parameter<'struct', KindValues['struct'], 'optional'> {
  return { role: 'parameter', kind: 'struct', presence: 'optional', help, special: 'task-config' }
}

/** What stands behind `ExitHandler`. */
class ExitHandle {
  readonly #group: ExitGroup

  static groupOf(handle: unknown): ExitGroup | undefined {
    return handle instanceof ExitHandle ? handle.#group : undefined
  }

  constructor(group: ExitGroup) {
    this.#group = group
  }
}

/** The group behind what onExit() returned, or undefined for anything else. */
export const exitGroupOf = ExitHandle.groupOf
