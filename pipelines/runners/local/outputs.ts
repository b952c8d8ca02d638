import type { Json } from '../../../components/definition/index.ts'
import type { DagOutputParameter, DagSpec } from '../../specification.ts'
import type { Outcome, StoredArtifact, Values } from './types.ts'

/** What a DAG gives outside. Where several tasks are named it is the one that ran; what none has is left out. */
export function resolveOutputs(dag: DagSpec, outcomes: ReadonlyMap<string, Outcome>): Values {
  const parameters: Record<string, Json> = {}
  for (const [name, source] of Object.entries(dag.outputs?.parameters ?? {})) {
    for (const { producerSubtask, outputParameterKey } of selectorsOf(source)) {
      const value = outcomes.get(producerSubtask)?.outputs.parameters[outputParameterKey]
      if (value !== undefined) parameters[name] ??= value
    }
  }
  const artifacts: Record<string, readonly StoredArtifact[]> = {}
  for (const [name, { artifactSelectors }] of Object.entries(dag.outputs?.artifacts ?? {})) {
    for (const { producerSubtask, outputArtifactKey } of artifactSelectors) {
      const made = outcomes.get(producerSubtask)?.outputs.artifacts ?? {}
      // The SDK leaves the key out where a pipeline returns what its loop collected.
      const found = made[outputArtifactKey ?? Object.keys(made)[0] ?? '']
      if (found !== undefined) artifacts[name] ??= found
    }
  }
  return { parameters, artifacts }
}

function selectorsOf({ valueFromParameter, valueFromOneof }: DagOutputParameter) {
  return valueFromParameter === undefined ? (valueFromOneof?.parameterSelectors ?? []) : [valueFromParameter]
}
