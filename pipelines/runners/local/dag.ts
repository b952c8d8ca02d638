import { setTimeout as sleep } from 'node:timers/promises'
import { asPressroomError, PressroomError } from '../../../core/errors.ts'
import type { ComponentSpec, DagSpec, PipelineSpec, TaskSpec } from '../../specification.ts'
import { dependenciesOf, isExitTask, lastTasks, orderTasks } from '../../task-graph.ts'
import { evaluateCondition } from './conditions.ts'
import { createGate } from './gate.ts'
import { resolveInputs, type Scope } from './inputs.ts'
import { collectIterations, type Items, itemsOf } from './loops.ts'
import { resolveOutputs } from './outputs.ts'
import { delayAfter } from './retry.ts'
import { type FinalState, NO_VALUES, type Outcome, type Values } from './types.ts'

/** What the interpreter of a specification needs from outside: how one task is run, and whom to tell of those that are not. */
export interface Interpreter {
  readonly spec: PipelineSpec
  readonly signal: AbortSignal
  /** What texts may name of the job: `pipeline_job_name` and its like. */
  readonly constants: Readonly<Record<string, string>>
  /** Runs a task that has an executor; never called after the call's signal aborted. */
  runTask(call: TaskCall): Promise<Outcome>
  /** A task, or a group with all in it, will not run. */
  onPassedOver(path: string, state: 'skipped' | 'cancelled', why: string): void
  /** A task or a group failed before anything of it ran. */
  onFailed(path: string, error: PressroomError): void
  /** A loop begins; its iterations are at `<path>/<index>`, from 0. */
  onLoop(path: string, items: readonly string[]): void
  /** A group failed and begins again, in that many seconds. */
  onRetry(path: string, delay: number): void
}

/** A task that is about to run. */
export interface TaskCall {
  readonly path: string
  readonly task: TaskSpec
  readonly component: ComponentSpec
  /** What its component declares of {@link given}. */
  readonly inputs: Values
  /** All that the task was given: image and resources may come from inputs that no component declares. */
  readonly given: Values
  /** What texts may name of job and task. */
  readonly constants: Readonly<Record<string, string>>
  /** That of the run; exit tasks have one of their own, since they run after a stop too. */
  readonly signal: AbortSignal
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
    const constants = {
      ...interpreter.constants,
      pipeline_task_name: task.taskInfo.name,
      pipeline_task_uuid: `${interpreter.constants.pipeline_job_uuid}/${own}`,
    }
    running.set(
      name,
      upstream.then(outcomes => runOne(interpreter, own, task, { inputs, outcomes, constants })),
    )
  }
  const outcomes = await settled([...running])
  const deciding = lastTasks(tasks).flatMap(name => outcomes.get(name) ?? [])
  return { ...together([...outcomes.values()], deciding), outputs: resolveOutputs(dag, outcomes) }
}

async function settled(running: readonly (readonly [string, Promise<Outcome>])[]) {
  return new Map(await Promise.all(running.map(async ([name, outcome]) => [name, await outcome] as const)))
}

/** How a group ended after what is in it: cancelled by any, failed by those that decide. */
function together(all: readonly Outcome[], deciding: readonly Outcome[]): Omit<Outcome, 'outputs'> {
  const cancelled = all.some(({ state }) => state === 'cancelled')
  const failing = cancelled || deciding.some(outcome => outcome.failing)
  const error = failing ? all.find(outcome => outcome.error !== undefined)?.error : undefined
  return {
    state: cancelled ? 'cancelled' : failing ? 'failed' : 'succeeded',
    failing,
    ...(all.length > 0 && all.every(({ untouched }) => untouched) && { untouched: true }),
    ...(error && { error }),
  }
}

async function runOne(around: Interpreter, path: string, task: TaskSpec, scope: Scope): Promise<Outcome> {
  const begun = [...scope.outcomes.values()].some(({ untouched }) => !untouched)
  const signal = isExitTask(task) && begun ? new AbortController().signal : around.signal
  const interpreter = { ...around, signal }
  if (signal.aborted) return cancel(interpreter, path)
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
    const call = {
      path,
      task,
      component,
      inputs: inputs.bound,
      given: inputs.given,
      constants: scope.constants,
      signal,
    }
    const items = itemsOf(task, inputs.given, inputs.bound)
    return items === undefined ? await runCall(interpreter, call) : await runLoop(interpreter, call, items)
  } catch (error) {
    const failure = asPressroomError(error)
    interpreter.onFailed(path, failure)
    return { ...ended('failed', true), error: failure }
  }
}

async function runLoop(interpreter: Interpreter, call: TaskCall, items: Items): Promise<Outcome> {
  interpreter.onLoop(call.path, items.labels)
  const gate = createGate(call.task.iteratorPolicy?.parallelismLimit || Number.POSITIVE_INFINITY)
  const outcomes = await Promise.all(
    items.inputs.map((inputs, i) => {
      return gate(() => runCall(interpreter, { ...call, path: `${call.path}/${i}`, inputs }))
    }),
  )
  return {
    ...together(outcomes, outcomes),
    outputs: collectIterations(interpreter.spec, call.component, outcomes),
  }
}

async function runCall(interpreter: Interpreter, call: TaskCall): Promise<Outcome> {
  const { path, task, component, inputs, signal } = call
  if (signal.aborted) return cancel(interpreter, path)
  if (component.dag === undefined) return interpreter.runTask(call)
  for (let failures = 0; ; failures++) {
    const outcome = await runDag(interpreter, component.dag, inputs, path)
    const delay = delayAfter(failures, task.retryPolicy)
    if (outcome.state !== 'failed' || delay === undefined || signal.aborted) return outcome
    interpreter.onRetry(path, delay)
    // A stop ends the wait; what follows then is passed over.
    await sleep(delay * 1000, undefined, { signal: AbortSignal.any([signal]) }).catch(() => {})
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

function cancel(interpreter: Interpreter, path: string): Outcome {
  interpreter.onPassedOver(path, 'cancelled', 'the run was stopped before it')
  return ended('cancelled', true)
}

function ended(state: FinalState, failing: boolean): Outcome {
  return { state, failing, untouched: true, outputs: NO_VALUES }
}
