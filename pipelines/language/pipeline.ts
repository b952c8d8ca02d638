import type {
  AnyReference,
  Arguments,
  Json,
  OutputDefinition,
  References,
  TaskSettings,
} from '../../components/definition/index.ts'
import { PressroomError } from '../../core/errors.ts'
import type { Component, Graph, PipelineInputs } from './graph.ts'
import { addTask, current, record, referencesIn } from './recording.ts'

/** What a pipeline hands out, by name. */
export type PipelineOutputs = Readonly<Record<string, AnyReference>>

/** A volume that all tasks of a run share. */
interface Workspace {
  /** A Kubernetes quantity: `10Gi`. */
  readonly size: string
  /** Fields of the volume claim; the open-source back end needs `storageClassName` and `accessModes`. */
  readonly claim?: Readonly<Record<string, Json>>
}

/** A pipeline as its author describes it. */
export interface PipelineDefinition<I extends PipelineInputs> {
  /** Lower-case letters, digits and dashes, 128 at most. */
  readonly name: string
  readonly description?: string
  /** The name people read, in place of the other. */
  readonly displayName?: string
  readonly inputs?: I
  /** What each of its outputs is, in a sentence; those left out have no description. */
  readonly outputs?: Readonly<Record<string, string>>
  /** Where artifacts go; the open-source back end reads it from the run instead. */
  readonly root?: string
  readonly workspace?: Workspace
  /** Seconds that a finished run's workflow is kept: whatever came of it, after success, after failure. */
  readonly timeToLive?:
    | number
    | { readonly success?: number; readonly failure?: number; readonly any?: number }
  /** Seconds after which a run is stopped. */
  readonly deadline?: number
}

/** A pipeline: its definition, and a body that records what it does. Inside another pipeline it is called as a task. */
export interface Pipeline<
  I extends PipelineInputs = PipelineInputs,
  // biome-ignore lint/suspicious/noConfusingVoidType: a body without outputs is a function that returns nothing
  O extends PipelineOutputs | void = PipelineOutputs | void,
> extends Required<Pick<PipelineDefinition<I>, 'name' | 'inputs'>>,
    Omit<PipelineDefinition<I>, 'name' | 'inputs'> {
  readonly role: 'pipeline'
  readonly body: (inputs: References<I>) => O
  // biome-ignore lint/complexity/noBannedTypes: {} asks whether the arguments have no required key
  (...args: {} extends Arguments<I> ? [args?: Arguments<I>] : [args: Arguments<I>]): PipelineTask<O>
}

/** A pipeline called inside another. */
type PipelineTask<O> = TaskSettings &
  Omit<O extends PipelineOutputs ? O : unknown, keyof TaskSettings | 'outputs' | 'then'> & {
    readonly outputs: O extends PipelineOutputs ? O : Record<never, never>
  }

/** A pipeline seen without its types: what the compiler takes. */
export interface AnyPipeline extends Omit<PipelineDefinition<PipelineInputs>, 'inputs'> {
  readonly role: 'pipeline'
  readonly inputs: PipelineInputs
  // biome-ignore lint/suspicious/noExplicitAny: the types were erased on purpose
  readonly body: (inputs: any) => unknown
}

/**
 * Describes a pipeline. The body calls stages and passes their outputs on; it runs when the pipeline is compiled, each
 * time anew, and returns what the pipeline hands out.
 */
export function pipeline<
  const I extends PipelineInputs = Record<never, never>,
  // biome-ignore lint/suspicious/noConfusingVoidType: a body without outputs is a function that returns nothing
  O extends PipelineOutputs | void = void,
>(definition: PipelineDefinition<I>, body: (inputs: References<I>) => O): Pipeline<I, O> {
  const call = (args: Readonly<Record<string, unknown>> = {}) => callPipeline(described, args)
  const properties = { role: 'pipeline', ...definition, inputs: definition.inputs ?? {}, body }
  // A function's own `name` refuses assignment, so the definition is laid onto the call property by property.
  const descriptors = Object.entries(properties).map(([key, value]) => [key, { value, enumerable: true }])
  const described = Object.defineProperties(call, Object.fromEntries(descriptors)) as unknown as AnyPipeline
  return described as unknown as Pipeline<I, O>
}

/** Whether a value, a module's default export for example, is a pipeline. */
export function isPipeline(value: unknown): value is AnyPipeline {
  return typeof value === 'function' && 'role' in value && value.role === 'pipeline'
}

/** Pipelines whose bodies are running, the outermost first. */
const running: AnyPipeline[] = []

/**
 * Runs a pipeline's body.
 * @throws PressroomError `invalid-pipeline` for one that calls itself; whatever the body throws
 */
export function recordPipeline(pipeline: AnyPipeline): Graph {
  if (running.includes(pipeline)) {
    throw new PressroomError('invalid-pipeline', `pipeline "${pipeline.name}" calls itself`, {
      fix: 'a pipeline is compiled whole, so it must end: loop with each()',
    })
  }
  running.push(pipeline)
  try {
    return record(pipeline.inputs, pipeline.body)
  } finally {
    running.pop()
  }
}

function callPipeline(pipeline: AnyPipeline, args: Readonly<Record<string, unknown>>): unknown {
  const { pipelines } = current(`pipeline "${pipeline.name}" was called`)
  let graph = pipelines.get(pipeline)
  if (graph === undefined) {
    graph = recordPipeline(pipeline)
    pipelines.set(pipeline, graph)
  }
  const outputs = referencesIn(graph.returned).map(([name, { channel }]) => {
    return [name, { ...channel.definition, presence: 'required' } as OutputDefinition]
  })
  const component: Component = {
    name: pipeline.name,
    inputs: pipeline.inputs,
    secrets: new Map(),
    outputs: Object.fromEntries(outputs),
    body: { kind: 'pipeline', pipeline, graph },
    resources: {},
    cacheable: true,
  }
  return addTask(component, args)
}
