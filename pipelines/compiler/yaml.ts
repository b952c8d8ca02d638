import type { Json } from '../../components/definition/index.ts'
import type {
  InputParameterSpec,
  InputsSpec,
  OutputsSpec,
  ParameterType,
  PipelineSpec,
} from '../specification.ts'
import type { Documents } from './emit.ts'
import { yamlDocument } from './yaml-document.ts'

const TYPE_NAMES: Readonly<Record<ParameterType, string>> = {
  NUMBER_DOUBLE: 'float',
  NUMBER_INTEGER: 'int',
  STRING: 'str',
  BOOLEAN: 'bool',
  LIST: 'list',
  STRUCT: 'dict',
  TASK_FINAL_STATUS: 'PipelineTaskFinalStatus',
  TASK_CONFIG: 'TaskConfig',
}

/** Every line break of YAML 1.1 and of Python's splitlines(), all that YAML has no place for: none may end a comment. */
const LINE_BREAK = /\r\n|[^\P{Cc}\t]|[\u2028\u2029\ufeff\ufffe\uffff]/gu

/**
 * A specification, with what only a platform understands as a second document, as the YAML file that Kubeflow's tools read: keys sorted, no anchors, every string that some YAML
 * reader would take for another type in quotes, the same bytes each time.
 * @param banner a line for the head of the file: what it was generated from
 */
export function toYaml(compiled: PipelineSpec | Documents, banner?: string): string {
  const { spec, platform } = 'spec' in compiled ? compiled : { spec: compiled, platform: undefined }
  const second = platform === undefined ? '' : `---\n${yamlDocument(platform)}`
  return header(spec, banner) + yamlDocument(spec) + second
}

/** Code unit order: the same everywhere, unlike a locale's. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * The comment the Python SDK begins its files with. Its loader takes the description from the third line
 * (`extract_description` of kfp/dsl/structures.py), so our own line comes last.
 */
function header(spec: PipelineSpec, banner: string | undefined): string {
  const { name, description } = spec.pipelineInfo
  const lines = [
    '# PIPELINE DEFINITION',
    `# Name: ${name}`,
    ...(description ? [`# Description: ${description.split(LINE_BREAK).join('\n#              ')}`] : []),
    ...signature('Inputs', spec.root.inputDefinitions),
    ...signature('Outputs', spec.root.outputDefinitions),
    ...(banner === undefined ? [] : [`# ${banner.replace(LINE_BREAK, ' ')}`]),
  ]
  return `${lines.join('\n')}\n`
}

function signature(title: string, specs: InputsSpec | OutputsSpec | undefined): readonly string[] {
  if (specs === undefined) return []
  const parameters = Object.entries<InputParameterSpec>(specs.parameters ?? {}).map(([name, spec]) => {
    const value = spec.defaultValue === undefined ? '' : ` [Default: ${show(spec.defaultValue)}]`
    return { name, text: `${TYPE_NAMES[spec.parameterType]}${value}` }
  })
  const artifacts = Object.entries(specs.artifacts ?? {}).map(([name, spec]) => {
    return { name, text: spec.artifactType.schemaTitle }
  })
  const entries = [...parameters, ...artifacts].sort((a, b) => compare(a.name, b.name))
  return [`# ${title}:`, ...entries.map(({ name, text }) => `#    ${name}: ${text}`)]
}

function show(value: Json): string {
  const text = typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
  return text.replace(LINE_BREAK, ' ')
}
