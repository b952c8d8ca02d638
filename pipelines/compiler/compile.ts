import { type AnyStage, type Json, recordCall } from '../../components/definition/index.ts'
import { wiredInputs } from '../language/component.ts'
import type { Graph, TaskNode } from '../language/graph.ts'
import {
  type AnyPipeline,
  pipeline as definePipeline,
  type PipelineOutputs,
  recordPipeline,
} from '../language/pipeline.ts'
import type { PipelineSpec } from '../specification.ts'
import { type Borders, drawBorders } from './borders.ts'
import { ChannelNames } from './channels.ts'
import { checkInterface } from './check-interface.ts'
import { findCycles } from './cycles.ts'
import { type Documents, emit } from './emit.ts'
import { Faults } from './faults.ts'
import { fillDefaults } from './fill-defaults.ts'
import { type Names, nameMembers } from './names.ts'
import { Resolver } from './resolve.ts'
import { checkSettings } from './resources.ts'
import { findLimits, limitsOn, type Target, type Warning } from './targets.ts'
import type { Wiring } from './wiring.ts'

/** What compiling can change about a pipeline. */
export interface CompileOptions {
  /** Defaults for the pipeline's parameters, in place of its own. */
  readonly parameters?: Readonly<Record<string, Json>>
  /** Where it must run: what is known not to work there is refused. By default it is only warned of. */
  readonly target?: Target
}

/** A compiled pipeline, and what will not work everywhere. */
export interface Compiled extends Documents {
  readonly warnings: readonly Warning[]
}

/**
 * Compiles a pipeline to the specification that every runner takes. The same pipeline always gives the same one.
 * @throws PressroomError `invalid-pipeline`, naming everything that is wrong with it; whatever its body throws
 */
export function compile(pipeline: AnyPipeline, options: CompileOptions = {}): PipelineSpec {
  return compileDocuments(pipeline, options).spec
}

/**
 * Compiles a pipeline to all that its file holds: the specification, and what only Kubernetes understands.
 * @throws PressroomError as {@link compile} does
 */
export function compileDocuments(pipeline: AnyPipeline, options: CompileOptions = {}): Compiled {
  const faults = new Faults()
  checkInterface(pipeline, options.parameters, faults)
  const { target } = options
  const general = compileGraph(pipeline, recordPipeline(pipeline), faults, options.parameters)
  const documents =
    general !== undefined && target === 'kubeflow'
      ? { ...general, spec: fillDefaults(general.spec) }
      : general
  const warnings = documents === undefined ? [] : findLimits(documents)
  for (const { where, targets, what, fix, fatal } of warnings) {
    if (fatal && target !== undefined && targets.includes(target)) faults.add(where, what, fix)
  }
  faults.throwIfAny(pipeline.name)
  return {
    ...documents!,
    warnings: warnings.filter(warning => target === undefined || warning.targets.includes(target)),
  }
}

/**
 * Checks that a compiled pipeline can run on a target, whatever SDK compiled it.
 * @throws PressroomError `invalid-pipeline` with everything that does not work there
 */
export function requireTarget(documents: Documents, target: Target): void {
  const faults = new Faults()
  for (const { where, what, fix, fatal } of limitsOn(documents, target)) {
    if (fatal) faults.add(where, what, fix)
  }
  const { name } = documents.spec.pipelineInfo
  if (target === 'vertex' && documents.platform !== undefined && faults.count === 0) {
    faults.add(name, 'has a second document, and Vertex AI reads one', 'leave out the platform document')
  }
  faults.throwIfAny(name)
}

/** @returns undefined when the graph, or that of a pipeline it calls, has a fault */
function compileGraph(
  pipeline: AnyPipeline,
  graph: Graph,
  faults: Faults,
  parameters?: Readonly<Record<string, Json>>,
): Documents | undefined {
  const before = faults.count
  if (graph.tasks.length === 0) {
    faults.add(pipeline.name, 'has no task', 'call a stage in its body')
  }
  const inner = compileInner(graph, faults)
  const specs = new Map([...inner].map(([task, { spec }]) => [task, spec]))
  const names = nameMembers(graph, specs, faults)
  for (const task of graph.tasks) checkSettings(task, names.members.get(task)!.task, faults)
  const channels = new ChannelNames(names.members)
  const wiring = new Resolver(graph, names.members, faults).resolve()
  const borders = drawBorders(graph, wiring, channels)
  findCycles(borders.dependencies, names.members, faults)
  for (const name of Object.keys(pipeline.outputs ?? {})) {
    if (!wiring.outputs.has(name))
      faults.add(`outputs.${name}`, 'is described but never returned', 'return it, or leave it out')
  }
  checkUpstream(graph, borders, wiring, names, faults)
  if (faults.count > before) return undefined
  return emit(pipeline, { graph, names, channels, wiring, borders }, inner, parameters)
}

/** The pipelines that a graph calls, each compiled once. */
function compileInner(graph: Graph, faults: Faults): ReadonlyMap<TaskNode, Documents> {
  const compiled = new Map<Graph, Documents | undefined>()
  const inner = new Map<TaskNode, Documents>()
  for (const task of graph.tasks) {
    const { body } = task.component
    if (body.kind === 'compiled') {
      inner.set(task, { spec: body.spec, ...(body.platform && { platform: body.platform }) })
    } else if (body.kind === 'pipeline') {
      if (!compiled.has(body.graph)) {
        const within = faults.within(body.pipeline.name)
        checkInterface(body.pipeline, undefined, within)
        compiled.set(body.graph, compileGraph(body.pipeline, body.graph, within))
      }
      const documents = compiled.get(body.graph)
      if (documents !== undefined) inner.set(task, documents)
    }
  }
  return inner
}

/** A final status without an exit handler is that of the one task waited for. */
function checkUpstream(graph: Graph, borders: Borders, wiring: Wiring, names: Names, faults: Faults): void {
  for (const task of graph.tasks) {
    const asks = [...wiring.sources.get(task)!].find(([, source]) => {
      return 'statusOf' in source && source.statusOf === 'upstream'
    })
    const count = borders.dependencies.get(task)?.size ?? 0
    if (asks === undefined || count === 1) continue
    const what = `takes the final status of ${count} tasks`
    faults.add(`${names.members.get(task)!.task}.${asks[0]}`, what, 'let it wait for one task beside it')
  }
}

/**
 * Compiles a stage alone: a pipeline of one task that takes the stage's inputs and hands out its outputs, which is what
 * `kfp.components.load_component_from_file` reads. Secrets are no inputs: the environment of the task brings them.
 */
export function compileStage(stage: AnyStage): PipelineSpec {
  const { name } = stage
  // The Python SDK drops a loaded component's caching options (`from_container_dict` of kfp/dsl/structures.py).
  const note =
    stage.effects === undefined ? '' : ' It changes something outside its outputs: turn caching off.'
  const description = stage.description + note
  const help = Object.fromEntries(Object.entries(stage.outputs).map(([key, output]) => [key, output.help]))
  return compile(
    definePipeline({ name, description, inputs: wiredInputs(stage.inputs), outputs: help }, inputs => {
      const task = recordCall(stage, inputs)
      const outputs = Object.keys(stage.outputs).map(key => [key, task[key]])
      return Object.fromEntries(outputs) as PipelineOutputs
    }),
  )
}
