import { type AnyStage, type Json, recordCall } from '../../components/definition/index.ts'
import { isValueName, wiredInputs } from '../language/component.ts'
import { type AnyPipeline, pipeline as definePipeline, type PipelineOutputs } from '../language/pipeline.ts'
import { record } from '../language/recording.ts'
import type { PipelineSpec } from '../specification.ts'
import { drawBorders, findCycles } from './borders.ts'
import { emit } from './emit.ts'
import { Faults } from './faults.ts'
import { nameMembers } from './names.ts'
import { Resolver } from './resolve.ts'
import { checkSettings } from './resources.ts'
import { literalFault } from './values.ts'

/** What compiling can change about a pipeline. */
export interface CompileOptions {
  /** Defaults for the pipeline's parameters, in place of its own. */
  readonly parameters?: Readonly<Record<string, Json>>
}

const PIPELINE = /^[a-z0-9][a-z0-9-]{0,127}$/

/**
 * Compiles a pipeline to the specification that every runner takes. The same pipeline always gives the same one.
 * @throws PressroomError `invalid-pipeline`, naming everything that is wrong with it; whatever its body throws
 */
export function compile(pipeline: AnyPipeline, options: CompileOptions = {}): PipelineSpec {
  const faults = new Faults()
  checkInterface(pipeline, options, faults)
  const graph = record(pipeline.inputs, pipeline.body)
  if (graph.tasks.length === 0) {
    faults.add(pipeline.name, 'has no task', 'call a stage in its body')
  }
  const names = nameMembers(graph, faults)
  for (const task of graph.tasks) {
    checkSettings(task.component, task.settings, names.get(task)!.task, faults)
  }
  const wiring = new Resolver(graph, names, faults).resolve()
  const borders = drawBorders(graph, wiring)
  findCycles(borders.dependencies, names, faults)
  faults.throwIfAny(pipeline.name)
  return emit(pipeline, { graph, names, wiring, borders }, options.parameters)
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
  return compile(
    definePipeline({ name, description, inputs: wiredInputs(stage.inputs) }, inputs => {
      const task = recordCall(stage, inputs)
      const outputs = Object.keys(stage.outputs).map(key => [key, task[key]])
      return Object.fromEntries(outputs) as PipelineOutputs
    }),
  )
}

function checkInterface(pipeline: AnyPipeline, options: CompileOptions, faults: Faults): void {
  if (!PIPELINE.test(pipeline.name)) {
    const fix = 'use lower-case letters, digits and dashes, 128 at most, no dash first'
    faults.add('name', `"${pipeline.name}" is no name for a pipeline`, fix)
  }
  for (const [name, input] of Object.entries(pipeline.inputs)) {
    if (!isValueName(name)) {
      faults.add(`inputs.${name}`, 'is no name for an input', 'use letters, digits and _, a letter first')
    }
    if (input.role !== 'parameter' || input.presence !== 'defaulted') continue
    const fault = literalFault(input, input.default)
    if (fault !== undefined) faults.add(`inputs.${name}`, `default ${fault}`, 'correct the default')
  }
  for (const [name, value] of Object.entries(options.parameters ?? {})) {
    const input = Object.hasOwn(pipeline.inputs, name) ? pipeline.inputs[name] : undefined
    if (input?.role !== 'parameter') {
      const known = Object.entries(pipeline.inputs).flatMap(([key, { role }]) =>
        role === 'parameter' ? [key] : [],
      )
      faults.add(`parameters.${name}`, 'is no parameter', `the pipeline takes ${known.join(', ') || 'none'}`)
      continue
    }
    const fault = literalFault(input, value)
    if (fault !== undefined) faults.add(`parameters.${name}`, fault, input.help || 'correct the value')
  }
}
