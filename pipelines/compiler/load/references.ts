import type {
  ComponentSpec,
  DagOutputsSpec,
  PipelineSpec,
  TaskInputArtifact,
  TaskInputParameter,
  TaskSpec,
} from '../../specification.ts'
import { orderTasks } from '../../task-graph.ts'

type Components = Readonly<Record<string, ComponentSpec>>

/**
 * What a specification refers to and does not hold, and what contains or waits for itself: a sentence each, which begins
 * with its place. Upload sees none of it; the run fails.
 */
export function danglingReferences(spec: PipelineSpec): readonly string[] {
  const components = spec.components ?? {}
  const executors = spec.deploymentSpec?.executors ?? {}
  const places = [
    ['root', spec.root] as const,
    ...Object.entries(components).map(([name, component]) => [`components.${name}`, component] as const),
  ]
  return [
    ...places.flatMap(([place, component]) => faultsOfComponent(place, component, components)),
    ...places.flatMap(([place, { executorLabel }]) =>
      executorLabel === undefined || Object.hasOwn(executors, executorLabel)
        ? []
        : [`${place}.executorLabel names "${executorLabel}", which is no executor`],
    ),
    ...selfContained(components),
  ]
}

function faultsOfComponent(place: string, component: ComponentSpec, components: Components): string[] {
  const { dag } = component
  if (dag === undefined) return []
  const tasks = dag.tasks ?? {}
  const ordered = new Set(orderTasks(tasks))
  const faults = Object.entries(tasks).flatMap(([name, task]) => {
    const own = faultsOfTask(task, component, components)
    if (!ordered.has(name)) own.push('waits for itself, perhaps through others')
    return own.map(fault => `${place}.dag.tasks.${name} ${fault}`)
  })
  const outputs = faultsOfOutputs(dag.outputs ?? {}, component, components)
  return [...faults, ...outputs.map(fault => `${place}.dag.outputs.${fault}`)]
}

function faultsOfTask(task: TaskSpec, parent: ComponentSpec, components: Components): string[] {
  const tasks = parent.dag?.tasks ?? {}
  const sources = Object.entries({ ...task.inputs?.parameters, ...task.inputs?.artifacts })
  const { parameterIterator, artifactIterator } = task
  const items = parameterIterator?.items
  const looped = [
    ...(items !== undefined && 'inputParameter' in items ? [items.inputParameter] : []),
    ...(artifactIterator ? [artifactIterator.items.inputArtifact] : []),
  ]
  const component = task.componentRef.name
  return [
    ...(Object.hasOwn(components, component) ? [] : [`runs "${component}", which is no component`]),
    ...(task.dependentTasks ?? []).flatMap(other =>
      Object.hasOwn(tasks, other) ? [] : [`waits for "${other}", which is no task beside it`],
    ),
    ...sources.flatMap(([input, source]) => {
      const fault = faultOfSource(source, parent, components)
      return fault === undefined ? [] : [`takes input "${input}" from ${fault}`]
    }),
    ...looped.flatMap(input =>
      sources.some(([key]) => key === input) ? [] : [`loops over "${input}", which is none of its inputs`],
    ),
  ]
}

function faultOfSource(
  source: TaskInputParameter | TaskInputArtifact,
  parent: ComponentSpec,
  components: Components,
): string | undefined {
  const { parameters = {}, artifacts = {} } = parent.inputDefinitions ?? {}
  if ('componentInputParameter' in source) {
    const name = source.componentInputParameter
    return Object.hasOwn(parameters, name) ? undefined : `parameter "${name}", which is no input around it`
  }
  if ('componentInputArtifact' in source) {
    const name = source.componentInputArtifact
    return Object.hasOwn(artifacts, name) ? undefined : `artifact "${name}", which is no input around it`
  }
  if ('taskFinalStatus' in source) {
    const { producerTask } = source.taskFinalStatus
    const found = Object.hasOwn(parent.dag?.tasks ?? {}, producerTask)
    return found ? undefined : `the state of "${producerTask}", which is no task beside it`
  }
  if ('taskOutputParameter' in source) {
    const { producerTask, outputParameterKey } = source.taskOutputParameter
    return faultOfOutput('parameters', producerTask, outputParameterKey, parent, components)
  }
  if ('taskOutputArtifact' in source) {
    const { producerTask, outputArtifactKey } = source.taskOutputArtifact
    return faultOfOutput('artifacts', producerTask, outputArtifactKey, parent, components)
  }
  return undefined
}

function faultsOfOutputs(outputs: DagOutputsSpec, parent: ComponentSpec, components: Components): string[] {
  const faults: string[] = []
  for (const [name, output] of Object.entries(outputs.parameters ?? {})) {
    const selectors = output.valueFromOneof?.parameterSelectors ?? [output.valueFromParameter!]
    for (const { producerSubtask, outputParameterKey } of selectors) {
      const fault = faultOfOutput('parameters', producerSubtask, outputParameterKey, parent, components)
      if (fault !== undefined) faults.push(`parameters.${name} is ${fault}`)
    }
  }
  for (const [name, { artifactSelectors = [] }] of Object.entries(outputs.artifacts ?? {})) {
    for (const { producerSubtask, outputArtifactKey } of artifactSelectors) {
      const fault = faultOfOutput('artifacts', producerSubtask, outputArtifactKey, parent, components)
      if (fault !== undefined) faults.push(`artifacts.${name} is ${fault}`)
    }
  }
  return faults
}

function faultOfOutput(
  role: 'parameters' | 'artifacts',
  producer: string,
  key: string | undefined,
  parent: ComponentSpec,
  components: Components,
): string | undefined {
  const tasks = parent.dag?.tasks ?? {}
  const task = Object.hasOwn(tasks, producer) ? tasks[producer] : undefined
  if (task === undefined) return `"${producer}", which is no task beside it`
  const name = task.componentRef.name
  // A missing component was told of where the task stands.
  if (key === undefined || !Object.hasOwn(components, name)) return undefined
  const outputs = components[name]?.outputDefinitions?.[role] ?? {}
  return Object.hasOwn(outputs, key) ? undefined : `"${key}" of "${producer}", which has no such output`
}

/** Components that contain themselves, by way of others. */
function selfContained(components: Components): string[] {
  const inner = (name: string) => {
    const tasks = Object.hasOwn(components, name) ? components[name]?.dag?.tasks : undefined
    return [...new Set(Object.values(tasks ?? {}).map(task => task.componentRef.name))]
  }
  // A component is done when all in it are: orderTasks() over "contains" leaves out what lies on a cycle or around one.
  const edges = Object.keys(components).map(name => {
    const dependentTasks = inner(name).filter(other => Object.hasOwn(components, other))
    return [name, { taskInfo: { name }, componentRef: { name }, dependentTasks }] as const
  })
  const finite = new Set(orderTasks(Object.fromEntries(edges)))
  return Object.keys(components).flatMap(name => {
    return finite.has(name) ? [] : [`components.${name} contains itself, or one that contains itself`]
  })
}
