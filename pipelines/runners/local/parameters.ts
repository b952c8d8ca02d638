import { faultOfGiven } from '../../../components/definition/check.ts'
import type { Json } from '../../../components/definition/index.ts'
import { PressroomError } from '../../../core/errors.ts'
import { suggest } from '../../../core/nearest.ts'
import { KINDS } from '../../parameter-types.ts'
import type { InputParameterSpec, PipelineSpec } from '../../specification.ts'
import { defaultsOf } from './inputs.ts'

/**
 * The values of a pipeline's inputs for one run, defaults filled in.
 * @throws PressroomError `invalid-parameter` with every value that is unknown, missing or of another type
 */
export function bindParameters(
  spec: PipelineSpec,
  values: Readonly<Record<string, Json>>,
): Record<string, Json> {
  const { parameters: definitions = {}, artifacts = {} } = spec.root.inputDefinitions ?? {}
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  const bound: Record<string, Json> = { ...defaultsOf(spec.root), ...Object.fromEntries(given) }
  const faults = [
    ...Object.keys(bound).flatMap(name => {
      return Object.hasOwn(definitions, name) ? [] : [unknownInput(name, Object.keys(definitions))]
    }),
    ...Object.entries(definitions).flatMap(([name, definition]) =>
      faultOfValue(name, definition, bound[name]),
    ),
    ...Object.entries(artifacts).flatMap(([name, { isOptional }]) => {
      return isOptional ? [] : [`"${name}" is an artifact, which a run cannot be given`]
    }),
  ]
  if (faults.length === 0) return bound
  throw new PressroomError(
    'invalid-parameter',
    `${spec.pipelineInfo.name}: ${faults.length === 1 ? faults.join() : `${faults.length} inputs are wrong`}`,
    faults.length === 1 ? {} : { where: faults.join('\n  ') },
  )
}

function unknownInput(name: string, known: readonly string[]): string {
  const rest = known.length === 0 ? '; it has none' : suggest(name, known) || `; it has ${known.join(', ')}`
  return `"${name}" is not an input of the pipeline${rest}`
}

function faultOfValue(name: string, definition: InputParameterSpec, value: Json | undefined): string[] {
  const { parameterType, literals, isOptional, description } = definition
  if (value === undefined) {
    return isOptional ? [] : [`"${name}" is missing${description === undefined ? '' : `: ${description}`}`]
  }
  const kind = KINDS[parameterType]
  // An empty text is a value to Kubeflow; a stage of ours that wants more says so itself.
  const empty = kind === 'string' && value === ''
  const fault = kind && !empty ? faultOfGiven({ kind }, value) : undefined
  if (fault !== undefined) return [`"${name}" ${fault}`]
  if (literals === undefined || literals.some(literal => literal === value)) return []
  return [`"${name}" must be one of ${literals.map(literal => JSON.stringify(literal)).join(', ')}`]
}
