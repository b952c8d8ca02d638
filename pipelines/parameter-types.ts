import type { ParameterKind } from '../components/definition/index.ts'
import type { ParameterType } from './specification.ts'

/** Kubeflow's name of each kind of value. */
export const PARAMETER_TYPES: Readonly<Record<ParameterKind, ParameterType>> = {
  string: 'STRING',
  integer: 'NUMBER_INTEGER',
  number: 'NUMBER_DOUBLE',
  boolean: 'BOOLEAN',
  list: 'LIST',
  struct: 'STRUCT',
}

/** The kind of each type that a caller can give a value for; those that an orchestrator fills in have none. */
export const KINDS: Partial<Readonly<Record<ParameterType, ParameterKind>>> = Object.fromEntries(
  Object.entries(PARAMETER_TYPES).map(([kind, type]) => [type, kind]),
)
