import { loadAll } from 'js-yaml'
import type { PipelineSpec, PlatformSpec } from '../../../pipelines/specification.ts'
import { invalid, uploadRefused } from './replies.ts'

/** What was uploaded, read. */
export interface Package {
  readonly spec: PipelineSpec
  readonly platform?: PlatformSpec
}

type Fields = Readonly<Record<string, unknown>>

const TOP = [
  'components',
  'defaultPipelineRoot',
  'deploymentSpec',
  'pipelineInfo',
  'root',
  'schemaVersion',
  'sdkVersion',
]
const COMPONENT = [
  'dag',
  'executorLabel',
  'inputDefinitions',
  'outputDefinitions',
  'taskConfigPassthroughs',
  'singlePlatformSpecs',
]
const TASK = [
  'artifactIterator',
  'cachingOptions',
  'componentRef',
  'dependentTasks',
  'inputs',
  'iteratorPolicy',
  'parameterIterator',
  'retryPolicy',
  'taskInfo',
  'triggerPolicy',
]

/**
 * Reads an upload as the API server does: unknown fields are refused outside deploymentSpec, which nobody looks into; a
 * task without its component passes; of a platform document everything passes. Throws the messages of the server.
 */
export function readPackage(text: string): Package {
  let documents: unknown[]
  try {
    // The empty file: the server fails at it later, with 500.
    documents = text.trim() === '' ? [] : loadAll(text)
  } catch {
    throw uploadRefused(
      400,
      'failed to parse pipeline spec YAML: yaml: line 1: did not find expected node content',
    )
  }
  if (documents.length === 0) throw uploadRefused(500, 'Failed to create a pipeline and a pipeline version')
  const objects = documents.filter(isFields)
  const platform = objects.find(each => 'platforms' in each) as PlatformSpec | undefined
  const specs = objects.filter(
    each => !('platforms' in each) && (documents.length === 1 || Object.keys(each).length > 0),
  )
  const [spec] = specs
  if (spec !== undefined && String(spec.apiVersion ?? '').startsWith('argoproj.io/'))
    return { spec: spec as never }
  const pipelines = specs.filter(each => 'pipelineInfo' in each)
  if (pipelines.length > 1) throw uploadRefused(400, 'multiple pipeline specs provided')
  if (objects.length !== documents.length || spec === undefined)
    throw uploadRefused(400, 'unknown template format')
  const fault = faultOf(pipelines[0] ?? spec)
  if (fault !== undefined) throw uploadRefused(400, fault)
  return { spec: (pipelines[0] ?? spec) as unknown as PipelineSpec, ...(platform && { platform }) }
}

export function faultOf(spec: Fields): string | undefined {
  const components = [spec.root, ...Object.values((spec.components ?? {}) as Fields)].filter(isFields)
  const tasks = components
    .flatMap(({ dag }) => Object.values((isFields(dag) && (dag.tasks as Fields)) || {}))
    .filter(isFields)
  const known =
    within(spec, TOP) &&
    components.every(each => within(each, COMPONENT)) &&
    tasks.every(each => within(each, TASK))
  if (!known || !isFields(spec.pipelineInfo) || !isFields(spec.root)) return 'unknown template format'
  const version = spec.schemaVersion ?? ''
  if (version !== '2.1.0')
    return `KFP only supports schema version 2.1.0, but the pipeline spec has version ${version}`
  const name = String((spec.pipelineInfo as Fields).name ?? '')
  if (/^[a-z0-9][-a-z0-9]*$/.test(name)) return undefined
  return "pipeline's name must contain only lowercase alphanumeric characters or '-' and must start with alphanumeric characters"
}

function within(value: Fields, known: readonly string[]): boolean {
  return Object.keys(value).every(key => known.includes(key))
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const TYPES: Readonly<Record<string, readonly [test: (value: unknown) => boolean, message: string]>> = {
  NUMBER_INTEGER: [
    value => typeof value === 'number',
    'requires type double or integer, but the parameter value is not of number value type',
  ],
  NUMBER_DOUBLE: [
    value => typeof value === 'number',
    'requires type double or integer, but the parameter value is not of number value type',
  ],
  STRING: [
    value => typeof value === 'string',
    'requires type string, but the input parameter is not of string value type',
  ],
  BOOLEAN: [
    value => typeof value === 'boolean',
    'requires type bool, but the input parameter is not of bool value type',
  ],
  LIST: [Array.isArray, 'requires type list, but the input parameter is not of list value type'],
  STRUCT: [isFields, 'requires type struct, but the input parameter is not of struct value type'],
}

/** Checks a run's parameters as the server does at creation. 2.5 passes for an integer. */
export function checkParameters(spec: PipelineSpec, values: Fields, context: string): void {
  const declared = spec.root.inputDefinitions?.parameters ?? {}
  for (const [name, { parameterType, isOptional, defaultValue }] of Object.entries(declared)) {
    const [test, message] = TYPES[parameterType] ?? [() => true, '']
    if (name in values) {
      if (!test(values[name])) throw invalid(context, `input parameter ${name} ${message}`)
    } else if (!isOptional && defaultValue === undefined) {
      throw invalid(
        context,
        `parameter ${name} is not optional, yet has neither default value nor user provided value`,
      )
    }
  }
  const extra = Object.keys(values).filter(name => !(name in declared))
  if (extra.length > 0)
    throw invalid(context, `parameter(s) provided are not required by pipeline: ${extra.join(', ')}`)
}
