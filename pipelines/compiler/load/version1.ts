import type { Json } from '../../../components/definition/index.ts'
import { PressroomError } from '../../../core/errors.ts'
import { isObject } from '../../../core/object.ts'
import { json, listOf, mapOf, message, Reading, type Rule, text } from './rules.ts'
import { commandLine } from './version1-command.ts'
import { definitionsOf, isParameter, keyOf, type Port, slug, type Version1 } from './version1-ports.ts'

const flagOrText: Rule = (value, path, reading) => {
  if (typeof value === 'boolean') return value || undefined
  if (value === 'true' || value === 'True') return true
  if (value === 'false' || value === 'False') return undefined
  return reading.fault(path, 'is neither true nor false')
}

const PORT = message(
  { name: text, type: json, description: text, optional: flagOrText, default: json, annotations: json },
  ['name'],
)

const VERSION1 = message(
  {
    name: text,
    description: text,
    metadata: json,
    inputs: listOf(PORT),
    outputs: listOf(PORT),
    implementation: message(
      {
        container: message(
          {
            image: text,
            command: listOf(json),
            args: listOf(json),
            env: mapOf(json),
            fileOutputs: json,
            resources: json,
          },
          ['image'],
        ),
      },
      ['container'],
    ),
  },
  ['implementation'],
)

/** Whether a document is a component of Kubeflow Pipelines 1. */
export function isVersion1(document: unknown): boolean {
  return isObject(document) && 'implementation' in document
}

/**
 * A component of Kubeflow Pipelines 1 as a specification of today, still to be checked.
 * @throws PressroomError `invalid-pipeline` for a graph of components, and for what is no such component
 */
export function specificationOfVersion1(document: unknown, source: string): unknown {
  const graph = (document as { implementation?: { graph?: unknown } }).implementation?.graph
  if (graph !== undefined) {
    throw new PressroomError('invalid-pipeline', `${source} is a graph of Kubeflow Pipelines 1`, {
      fix: 'load its components one by one and join them in a pipeline',
    })
  }
  const reading = new Reading()
  const component = VERSION1(document, '', reading) as Version1
  const converted = reading.faults.length === 0 ? convert(component, reading) : undefined
  if (reading.faults.length === 0) return converted
  throw new PressroomError('invalid-pipeline', `${source} is not a component of Kubeflow Pipelines 1`, {
    where: reading.faults.join('\n  '),
  })
}

function convert(component: Version1, reading: Reading): unknown {
  const { image, command = [], args = [], env = {} } = component.implementation.container
  const { inputs = [], outputs = [] } = component
  const name = slug(component.name ?? '', '-') || 'component'
  const line = (part: Json, path: string) => commandLine(part, path, component, reading)
  const definitions = {
    inputDefinitions: definitionsOf(inputs, 'inputs', reading),
    outputDefinitions: definitionsOf(outputs, 'outputs', reading),
  }
  const through = (
    ports: readonly Port[],
    parameter: (key: string) => object,
    artifact: (key: string) => object,
  ) => ({
    parameters: Object.fromEntries(
      ports.filter(isParameter).map(port => [keyOf(port), parameter(keyOf(port))]),
    ),
    artifacts: Object.fromEntries(
      ports.filter(port => !isParameter(port)).map(port => [keyOf(port), artifact(keyOf(port))]),
    ),
  })
  return {
    pipelineInfo: { name, ...(component.description && { description: component.description }) },
    schemaVersion: '2.1.0',
    components: { [`comp-${name}`]: { ...definitions, executorLabel: `exec-${name}` } },
    deploymentSpec: {
      executors: {
        [`exec-${name}`]: {
          container: {
            image,
            command: command.map((part, i) => line(part, `implementation.container.command[${i}]`)),
            args: args.map((part, i) => line(part, `implementation.container.args[${i}]`)),
            env: Object.entries(env).map(([key, part]) => {
              return { name: key, value: line(part, `implementation.container.env.${key}`) }
            }),
          },
        },
      },
    },
    root: {
      ...definitions,
      dag: {
        tasks: {
          [name]: {
            taskInfo: { name },
            componentRef: { name: `comp-${name}` },
            cachingOptions: { enableCache: true },
            inputs: through(
              inputs,
              key => ({ componentInputParameter: key }),
              key => ({ componentInputArtifact: key }),
            ),
          },
        },
        outputs: through(
          outputs,
          key => ({ valueFromParameter: { producerSubtask: name, outputParameterKey: key } }),
          key => ({ artifactSelectors: [{ producerSubtask: name, outputArtifactKey: key }] }),
        ),
      },
    },
  }
}
