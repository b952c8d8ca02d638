import type { AnyArtifact, AnyParameter, Json, ParameterKind } from '../../../components/definition/index.ts'
import type { LoadedFile } from './index.ts'
import { interfaceOf } from './interface.ts'

const BUILDERS: Readonly<Record<ParameterKind, string>> = {
  string: 'text',
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
  list: 'list',
  struct: 'struct',
}

/** Words that no constant can be called (ECMAScript 2024, 12.7.2), and what the module itself imports. */
const TAKEN = new Set(
  `await break case catch class const continue debugger default delete do else enum export extends false finally for
  function if implements import in instanceof interface let new null package private protected public return static super
  switch this throw true try typeof var void while with yield arguments eval undefined artifact artifactList boolean
  choice integer list loadComponent number optionalArtifact struct text`.split(/\s+/),
)

/**
 * A TypeScript module that exports a compiled file as a function with typed inputs and outputs.
 * @param specifier the file's place as the module sees it: `./train.yaml`
 */
export function faceModule(file: LoadedFile, specifier: string): string {
  const { inputs, outputs } = interfaceOf(file)
  const { name, description } = file.spec.pipelineInfo
  const imports = new Set(['loadComponent'])
  const section = (definitions: Readonly<Record<string, AnyParameter | AnyArtifact>>) => {
    const lines = Object.entries(definitions).map(([key, definition]) => {
      return `    ${propertyName(key)}: ${definitionText(definition, imports)},\n`
    })
    return lines.length === 0 ? '{}' : `{\n${lines.join('')}  }`
  }
  const face = `  inputs: ${section(inputs)},\n  outputs: ${section(outputs)},\n`
  return `// Generated from ${specifier.replaceAll(/[\r\n\u2028\u2029]/g, ' ')} by pressroom types. Do not edit.
import { ${[...imports].sort().join(', ')} } from 'pressroom-ml/pipelines'

/** ${comment(description ?? `${name}, as it was compiled.`)} */
export const ${constantName(name)} = loadComponent(new URL(${literal(specifier)}, import.meta.url), {
${face}})
`
}

function definitionText(definition: AnyParameter | AnyArtifact, imports: Set<string>): string {
  if (definition.role === 'artifact') return artifactText(definition, imports)
  const { kind, presence, help, choices, enforced, special } = definition
  // What the orchestrator fills in has no builder: nobody writes it into a stage.
  if (special !== undefined) return literal(definition as unknown as Json)
  const builder = choices === undefined ? BUILDERS[kind] : 'choice'
  imports.add(builder)
  const options = [
    ...(presence === 'defaulted' ? [`default: ${literal(definition.default)}`] : []),
    ...(presence === 'optional' ? ['optional: true'] : []),
    ...(enforced ? ['enforced: true'] : []),
    `help: ${literal(help)}`,
  ]
  const last = options.length === 1 && choices === undefined ? literal(help) : `{ ${options.join(', ')} }`
  return `${builder}(${choices === undefined ? '' : `${literal(choices)}, `}${last})`
}

function artifactText(definition: AnyArtifact, imports: Set<string>): string {
  const { type, presence, help, list, schemaVersion } = definition
  if (list && presence === 'optional') {
    return literal(definition as unknown as Json)
  }
  const builder = list ? 'artifactList' : presence === 'optional' ? 'optionalArtifact' : 'artifact'
  imports.add(builder)
  const versioned = schemaVersion === undefined ? type : `${type}@${schemaVersion}`
  return `${builder}(${literal(versioned)}, ${literal(help)})`
}

/** `trainModel` for train-model. */
function constantName(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(word => word !== '')
  const joined = words.map((word, i) => (i === 0 ? word : word[0]!.toUpperCase() + word.slice(1))).join('')
  return /^[\p{L}]/u.test(joined) && !TAKEN.has(joined) ? joined : `component${joined}`
}

function propertyName(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) && key !== '__proto__' ? key : `[${literal(key)}]`
}

/** A value of JSON as TypeScript. */
function literal(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => `${propertyName(key)}: ${literal(item)}`)
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
  }
  if (typeof value !== 'string') return JSON.stringify(value)
  const inner = JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${inner.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`
}

/** Text inside a comment of one or more lines. */
function comment(text: string): string {
  return text
    .trim()
    .replaceAll('*/', '*\\/')
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .join('\n * ')
}
