import type { DagOutputsSpec, PipelineSpec } from '../../specification.ts'

/** Where an input and an output share a name, the Python SDK calls the output so while it compiles (kfp 2.17.0). */
const PREFIX = 'output__'

/**
 * Gives the outputs of the root their own names. The SDK leaves its prefix in the file of a component that has an input of
 * the same name, where it refers to nothing.
 */
export function withOwnOutputs(spec: PipelineSpec): PipelineSpec {
  const { dag, outputDefinitions } = spec.root
  if (dag?.outputs === undefined) return spec
  const { parameters = {}, artifacts = {} } = dag.outputs
  const own = (name: string, defined: object | undefined) => {
    const stem = name.slice(PREFIX.length)
    const prefixed = name.startsWith(PREFIX) && !Object.hasOwn(defined ?? {}, name)
    return prefixed && Object.hasOwn(defined ?? {}, stem) ? stem : name
  }
  const outputs: DagOutputsSpec = {
    ...(dag.outputs.parameters && {
      parameters: mapped(parameters, (name, output) => {
        const { valueFromParameter: from } = output
        const key = own(name, outputDefinitions?.parameters)
        if (key === name || from === undefined) return [name, output]
        return [key, { valueFromParameter: { ...from, outputParameterKey: key } }]
      }),
    }),
    ...(dag.outputs.artifacts && {
      artifacts: mapped(artifacts, (name, { artifactSelectors }) => {
        const key = own(name, outputDefinitions?.artifacts)
        if (key === name) return [name, { artifactSelectors }]
        return [key, { artifactSelectors: artifactSelectors.map(of => ({ ...of, outputArtifactKey: key })) }]
      }),
    }),
  }
  return { ...spec, root: { ...spec.root, dag: { ...dag, outputs } } }
}

function mapped<T>(
  record: Readonly<Record<string, T>>,
  change: (name: string, value: T) => readonly [string, T],
): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => change(name, value)))
}
