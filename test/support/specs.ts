import type { Json } from '../../components/definition/index.ts'
import { containerOf } from '../../components/image.ts'
import type {
  ComponentSpec,
  ExecutorSpec,
  PipelineSpec,
  TaskInputArtifact,
  TaskInputParameter,
  TaskSpec,
} from '../../pipelines/specification.ts'

/** A source that gives a constant. */
export function constant(value: Json): TaskInputParameter {
  return { runtimeValue: { constant: value } }
}

/** A source that gives an input of the group around. */
export function input(componentInputParameter: string): TaskInputParameter {
  return { componentInputParameter }
}

/** A source that gives a task's output parameter. */
export function output(producerTask: string, outputParameterKey: string): TaskInputParameter {
  return { taskOutputParameter: { producerTask, outputParameterKey } }
}

/** A source that gives a task's output artifact. */
export function outputArtifact(producerTask: string, outputArtifactKey: string): TaskInputArtifact {
  return { taskOutputArtifact: { producerTask, outputArtifactKey } }
}

/** A task of a component; `rest` is laid over it. */
export function task(
  component: string,
  parameters: Readonly<Record<string, TaskInputParameter>> = {},
  rest: Partial<TaskSpec> = {},
): TaskSpec {
  const { inputs, ...others } = rest
  return {
    taskInfo: { name: component },
    componentRef: { name: component },
    cachingOptions: { enableCache: true },
    inputs: { parameters, ...inputs },
    ...others,
  }
}

/** A component that runs the stage of the same name; every input is optional, every parameter a string but those given. */
export function leaf(
  stage: string,
  inputs: readonly string[],
  outputs: readonly string[] = [],
  rest: ComponentSpec = {},
): ComponentSpec {
  const parameters = (names: readonly string[]) => {
    return Object.fromEntries(
      names.map(name => [name, { parameterType: 'STRING' as const, isOptional: true }]),
    )
  }
  return {
    executorLabel: stage,
    inputDefinitions: { parameters: parameters(inputs), ...rest.inputDefinitions },
    outputDefinitions: { parameters: parameters(outputs), ...rest.outputDefinitions },
  }
}

/** A whole specification. Executors without one of their own run the stage of their name. */
export function specOf(
  root: ComponentSpec,
  components: Readonly<Record<string, ComponentSpec>>,
  executors: Readonly<Record<string, ExecutorSpec>> = {},
): PipelineSpec {
  const labels = Object.values(components).flatMap(({ executorLabel }) => executorLabel ?? [])
  const ours = labels.map(label => [label, { container: containerOf({ name: label }) }] as const)
  return {
    pipelineInfo: { name: 'trial' },
    schemaVersion: '2.1.0',
    components,
    deploymentSpec: { executors: { ...Object.fromEntries(ours), ...executors } },
    root,
  }
}
