import { asPressroomError, PressroomError } from '../../../core/errors.ts'
import type { ComponentSpec, DagSpec, PipelineSpec, TaskSpec } from '../../specification.ts'
import { evaluateCondition } from './conditions.ts'
import { dependenciesOf, lastTasks, orderTasks } from './graph.ts'
import { resolveInputs, type Scope } from './inputs.ts'
import { resolveOutputs } from './outputs.ts'
import { type FinalState, NO_VALUES, type Outcome, type Values } from './types.ts'

/** What the interpreter of a specification needs from outside: how one task is run, and whom to tell of those that are not. */
export interface Interpreter {
  readonly spec: PipelineSpec
  readonly signal: AbortSignal
  /** Runs a task that has a container; never called after the signal aborted. */
  runTask(call: TaskCall): Promise<Outcome>
  /** A task, or a group with all in it, will not run. */
  onPassedOver(path: string, state: 'skipped' | 'cancelled', why: string): void
  /** A task or a group failed before anything of it ran. */
  onFailed(path: string, error: PressroomError): void
}

/** A task that is about to run. */
export interface TaskCall {
  readonly path: string
  readonly task: TaskSpec
  readonly component: ComponentSpec
  readonly inputs: Values
}

/**
 * Runs a DAG, each task as soon as those it depends on have ended. Never rejects: what goes wrong is in the outcome.
 * The specification must have passed `planRun`.
 * @param path that of the group, empty for the pipeline itself
 */
export async function runDag(
  interpreter: Interpreter,
  dag: DagSpec,
  inputs: Values,
  path = '',
): Promise<Outcome> {
  const tasks = dag.tasks ?? {}
  const running = new Map<string, Promise<Outcome>>()
  for (const name of orderTasks(tasks)) {
    const task = tasks[name] as TaskSpec
    const upstream = settled(
      dependenciesOf(task).map(other => [other, running.get(other) as Promise<Outcome>]),
    )
    const own = path === '' ? name : `${path}/${name}`
    running.set(
      name,
      upstream.then(outcomes => runOne(interpreter, own, task, { inputs, outcomes })),
    )
  }
  const outcomes = await settled([...running])
  const cancelled = [...outcomes.values()].some(({ state }) => state === 'cancelled')
  const failing = lastTasks(tasks).some(name => outcomes.get(name)?.failing)
  return {
    state: cancelled ? 'cancelled' : failing ? 'failed' : 'succeeded',
    failing: cancelled || failing,
    outputs: resolveOutputs(dag, outcomes),
  }
}

async function settled(running: readonly (readonly [string, Promise<Outcome>])[]) {
  return new Map(await Promise.all(running.map(async ([name, outcome]) => [name, await outcome] as const)))
}

async function runOne(
  interpreter: Interpreter,
  path: string,
  task: TaskSpec,
  scope: Scope,
): Promise<Outcome> {
  if (interpreter.signal.aborted) {
    interpreter.onPassedOver(path, 'cancelled', 'the run was stopped before it')
    return ended('cancelled', true)
  }
  const skip = (why: string) => {
    interpreter.onPassedOver(path, 'skipped', why)
    return ended(
      'skipped',
      [...scope.outcomes.values()].some(({ failing }) => failing),
    )
  }
  try {
    const unmet = unmetDependency(task, scope.outcomes)
    if (unmet !== undefined) return skip(unmet)
    const component = interpreter.spec.components?.[task.componentRef.name] as ComponentSpec
    const inputs = resolveInputs(task, component, scope)
    if ('without' in inputs) {
      const why = `${inputs.without} gave no value for its input`
      if (scope.outcomes.get(inputs.without)?.failing) throw new PressroomError('stage-failed', why)
      return skip(why)
    }
    const condition = task.triggerPolicy?.condition
    if (condition !== undefined && !evaluateCondition(condition, inputs.given.parameters)) {
      return skip('its condition does not hold')
    }
    return component.dag === undefined
      ? await interpreter.runTask({ path, task, component, inputs: inputs.bound })
      : await runDag(interpreter, component.dag, inputs.bound, path)
  } catch (error) {
    interpreter.onFailed(path, asPressroomError(error))
    return ended('failed', true)
  }
}

/** Why the task may not start after what happened upstream, a failure first; undefined when it may. */
function unmetDependency(task: TaskSpec, outcomes: ReadonlyMap<string, Outcome>): string | undefined {
  if (task.triggerPolicy?.strategy === 'ALL_UPSTREAM_TASKS_COMPLETED') return undefined
  const unmet = [...outcomes].filter(([, { state }]) => state !== 'succeeded' && state !== 'cached')
  const [name, outcome] = unmet.find(([, { failing }]) => failing) ?? unmet[0] ?? []
  return outcome === undefined
    ? undefined
    : `${name} ${outcome.state === 'failed' ? 'failed' : 'did not run'}`
}

function ended(state: FinalState, failing: boolean): Outcome {
  return { state, failing, outputs: NO_VALUES }
}
