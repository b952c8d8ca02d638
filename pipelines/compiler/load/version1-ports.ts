import type { Json } from '../../../components/definition/index.ts'
import type { Reading } from './rules.ts'

/** The component format of Kubeflow Pipelines 1 (`from_v1_component_spec` of kfp/dsl/structures.py). */
export interface Version1 {
  readonly name?: string
  readonly description?: string
  readonly inputs?: readonly Port[]
  readonly outputs?: readonly Port[]
  readonly implementation: {
    readonly container: {
      readonly image: string
      readonly command?: readonly Json[]
      readonly args?: readonly Json[]
      readonly env?: Readonly<Record<string, Json>>
    }
  }
}

/** An input or an output. */
export interface Port {
  readonly name: string
  readonly type?: Json
  readonly description?: string
  readonly optional?: boolean
  readonly default?: Json
}

const PARAMETER_TYPES: Readonly<Record<string, string>> = {
  integer: 'NUMBER_INTEGER',
  int: 'NUMBER_INTEGER',
  double: 'NUMBER_DOUBLE',
  float: 'NUMBER_DOUBLE',
  string: 'STRING',
  str: 'STRING',
  text: 'STRING',
  bool: 'BOOLEAN',
  boolean: 'BOOLEAN',
  dict: 'STRUCT',
  jsonobject: 'STRUCT',
  list: 'LIST',
  jsonarray: 'LIST',
}

const ARTIFACTS: Readonly<Record<string, string>> = {
  artifact: 'system.Artifact',
  model: 'system.Model',
  dataset: 'system.Dataset',
  metrics: 'system.Metrics',
  classificationmetrics: 'system.ClassificationMetrics',
  slicedclassificationmetrics: 'system.SlicedClassificationMetrics',
  html: 'system.HTML',
  markdown: 'system.Markdown',
}

/** The inputs or the outputs of a component as a specification has them. */
export function definitionsOf(ports: readonly Port[], side: string, reading: Reading): object {
  const parameters: Record<string, object> = {}
  const artifacts: Record<string, object> = {}
  for (const [i, port] of ports.entries()) {
    const key = keyOf(port)
    const path = `${side}[${i}]`
    if (key === '') reading.fault(`${path}.name`, `is ${JSON.stringify(port.name)}, of which no name is left`)
    if (key in parameters || key in artifacts) reading.fault(`${path}.name`, `"${key}" is there twice`)
    const description = port.description && { description: port.description }
    const optional = (port.optional || port.default !== undefined) && { isOptional: true }
    const { type } = port
    if (isParameter(port)) {
      const parameterType = type === FINAL_STATUS ? 'TASK_FINAL_STATUS' : PARAMETER_TYPES[typeName(type)]!
      const value =
        port.default === undefined ? undefined : defaultOf(port.default, parameterType, path, reading)
      parameters[key] = {
        parameterType,
        ...(value !== undefined && { defaultValue: value }),
        ...(type === FINAL_STATUS ? { isOptional: true } : side === 'inputs' && optional),
        ...description,
      }
    } else {
      const google = typeof type === 'string' && /^google\.[A-Za-z]+$/.test(type)
      const schemaTitle = google ? type : (ARTIFACTS[typeName(type)] ?? 'system.Artifact')
      artifacts[key] = {
        artifactType: { schemaTitle, schemaVersion: '0.0.1' },
        ...(side === 'inputs' && optional),
        ...description,
      }
    }
  }
  return { parameters, artifacts }
}

const FINAL_STATUS = 'PipelineTaskFinalStatus'

/** Whether it holds a value; everything else is an artifact. */
export function isParameter({ type }: Port): boolean {
  return type === FINAL_STATUS || Object.hasOwn(PARAMETER_TYPES, typeName(type))
}

/** `typing.List[str]` and `List[str]` are `list`; a type that is a mapping has no name. */
function typeName(type: Json | undefined): string {
  if (typeof type !== 'string') return ''
  const plain = type.replace(/^typing\./, '').toLowerCase()
  return /^(list|dict)/.test(plain) ? plain.split('[')[0]! : plain
}

/** Its name in a specification. */
export function keyOf({ name }: Port): string {
  return slug(name, '_')
}

/** `sanitize_input_name` of kfp/dsl/utils.py for `_`, `maybe_rename_for_k8s` for `-`. */
export function slug(name: string, join: '-' | '_'): string {
  const other = join === '_' ? /[^_0-9a-z]+/g : /[^0-9a-z]+/g
  return name
    .toLowerCase()
    .replace(other, join)
    .replace(new RegExp(`^${join}+|${join}+$`, 'g'), '')
}

/** Files of Kubeflow Pipelines 1 write most defaults as text. */
function defaultOf(value: Json, type: string, path: string, reading: Reading): Json | undefined {
  const wrong = () => reading.fault(`${path}.default`, `is ${JSON.stringify(value)}, which is no ${type}`)
  if (type === 'STRING') return typeof value === 'object' ? wrong() : String(value)
  if (typeof value !== 'string') return value
  if (type === 'BOOLEAN') {
    if (/^(y|yes|t|true|on|1)$/i.test(value)) return true
    return /^(n|no|f|false|off|0)$/i.test(value) ? false : wrong()
  }
  try {
    return JSON.parse(value)
  } catch {
    return wrong()
  }
}
