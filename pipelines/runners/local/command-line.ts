import type { Json } from '../../../components/definition/index.ts'
import type { ExecutorInput } from '../../../components/faces/executor.ts'
import { aString, type Decoder, listOf, maybe, objectWith } from '../../../core/decode.ts'
import { PressroomError } from '../../../core/errors.ts'
import { own } from '../../../core/object.ts'
import { fillText, inputValue } from './expressions.ts'

/** What the placeholders in a container's command can name. */
export interface CommandScope {
  /** Artifacts must have plain paths for URIs. */
  readonly input: ExecutorInput
  readonly constants: Readonly<Record<string, string>>
}

/** A structured placeholder: its text is JSON with one of two keys. */
type Structure =
  | { readonly Concat: readonly Part[] }
  | {
      readonly IfPresent: {
        readonly InputName: string
        readonly Then: Part | readonly Part[]
        readonly Else?: Part | readonly Part[]
      }
    }
type Part = string | Structure

/**
 * A command and its arguments with all placeholders filled in, structured ones included: one of them can become any
 * number of words. The forms are those of kfp.dsl (sdk/python/kfp/dsl/placeholders.py in kubeflow/pipelines).
 * @throws PressroomError `invalid-pipeline` when a placeholder names an input without a value
 */
export function commandLine(words: readonly string[], scope: CommandScope): string[] {
  return words.flatMap(word => expand(structureOf(word) ?? word, scope))
}

function expand(part: Part, scope: CommandScope): string[] {
  if (typeof part === 'string') return [fillText(part, name => placeholderValue(name, scope))]
  if ('Concat' in part) return [part.Concat.flatMap(piece => expand(piece, scope)).join('')]
  const { InputName, Then, Else = [] } = part.IfPresent
  const chosen = isPresent(InputName, scope.input) ? Then : Else
  return [chosen].flat().flatMap(piece => expand(piece as Part, scope))
}

function structureOf(word: string): Structure | undefined {
  if (!/^\{\s*"(Concat|IfPresent)"\s*:/.test(word)) return undefined
  try {
    return aStructure(JSON.parse(word), 'it')
  } catch {
    // Text that only looks like one is text.
    return undefined
  }
}

const aPart: Decoder<Part> = (value, at) => (typeof value === 'string' ? value : aStructure(value, at))
const someParts: Decoder<Part | readonly Part[]> = (value, at) =>
  Array.isArray(value) ? listOf(aPart)(value, at) : aPart(value, at)
const aStructure: Decoder<Structure> = (value, at) => {
  const { Concat, IfPresent } = objectWith({
    Concat: maybe(listOf(aPart)),
    IfPresent: maybe(
      objectWith({ InputName: aString, Then: someParts, Else: (value, at) => someParts(value ?? [], at) }),
    ),
  })(value, at)
  if (Concat !== undefined) return { Concat }
  if (IfPresent !== undefined) return { IfPresent }
  throw new Error(`${at} has neither Concat nor IfPresent`)
}

function isPresent(name: string, { inputs = {} }: ExecutorInput): boolean {
  const value = own(inputs.parameterValues ?? {}, name)
  const artifacts = own(inputs.artifacts ?? {}, name)?.artifacts ?? []
  return (value !== undefined && value !== null) || artifacts.length > 0
}

const ARTIFACT =
  /^(inputs|outputs)\.artifacts\['([^']+)'\](?:\.(uri|path|name)|\.metadata(?:\['([^']+)'\])?)$/
const OUTPUT_FILE = /^outputs\.parameters\['([^']+)'\]\.output_file$/

/** The value of a placeholder, by what stands in its braces; undefined for text that is none. */
function placeholderValue(name: string, { input, constants }: CommandScope): Json | undefined {
  if (name === '') return JSON.stringify(input)
  if (name === 'outputs.output_file') return input.outputs?.outputFile
  const file = OUTPUT_FILE.exec(name)?.[1]
  if (file !== undefined) return known(name, own(input.outputs?.parameters ?? {}, file)?.outputFile)
  const artifact = ARTIFACT.exec(name)
  if (artifact !== null) return known(name, propertyOf(artifact, input))
  return inputValue(name, input.inputs?.parameterValues ?? {}) ?? own(constants, name)
}

function propertyOf([, side = '', name = '', property, key]: readonly string[], input: ExecutorInput) {
  const artifact = own(input[side as 'inputs' | 'outputs']?.artifacts ?? {}, name)?.artifacts?.[0]
  if (property === 'uri' || property === 'path') return artifact?.uri
  if (property === 'name') return artifact?.name
  return key === undefined ? artifact?.metadata : own(artifact?.metadata ?? {}, key)
}

function known(name: string, value: Json | undefined): Json {
  if (value !== undefined) return value
  throw new PressroomError('invalid-pipeline', `its command is made of {{$.${name}}}, which has no value`, {
    fix: 'wire the input, or put it behind an if-present placeholder',
  })
}
