import type { ComponentSpec, TaskInputArtifact, TaskInputParameter, TaskSpec } from '../../specification.ts'
import { dependenciesOf } from '../../task-graph.ts'
import { faultOfCondition } from './conditions.ts'
import { isSelector } from './expressions.ts'

/** Task names become folders; the Python SDK's consist of these letters too. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/

/** What keeps one task from running here, whatever it runs: each the end of a sentence that begins with its path. */
export function faultsOfTask(
  name: string,
  task: TaskSpec,
  parent: ComponentSpec,
  components: Readonly<Record<string, ComponentSpec>>,
): string[] {
  const tasks = parent.dag?.tasks ?? {}
  const component = components[task.componentRef.name]
  const condition = task.triggerPolicy?.condition
  const conditionFault = condition === undefined ? undefined : faultOfCondition(condition)
  const sources = Object.entries({ ...task.inputs?.parameters, ...task.inputs?.artifacts })
  const faults = [
    !NAME.test(name) && 'its name is not one of letters, digits, - and _',
    component === undefined && `there is no component "${task.componentRef.name}"`,
    component !== undefined && faultOfLoop(task, component),
    conditionFault !== undefined && `its condition ${condition} is wrong: ${conditionFault}`,
    ...dependenciesOf(task).map(
      other => !Object.hasOwn(tasks, other) && `it waits for "${other}", which is not there`,
    ),
    ...sources.map(([input, source]) => {
      const fault = faultOfSource(source, parent, components)
      return fault !== undefined && `its input "${input}" ${fault}`
    }),
  ]
  return faults.filter(fault => typeof fault === 'string')
}

function faultOfLoop(task: TaskSpec, component: ComponentSpec): string | undefined {
  const { parameterIterator, artifactIterator } = task
  const { parameters, artifacts } = component.inputDefinitions ?? {}
  const [items, item] =
    parameterIterator !== undefined
      ? [parameterIterator.items, among(parameters, parameterIterator.itemInput)]
      : [artifactIterator?.items, artifactIterator && among(artifacts, artifactIterator.itemInput)]
  if (items === undefined) return undefined
  if ('raw' in items && !isList(items.raw)) return 'it goes over what is not a JSON list'
  const list =
    'raw' in items
      ? undefined
      : 'inputParameter' in items
        ? among({ ...parameters, ...task.inputs?.parameters }, items.inputParameter)
        : among({ ...artifacts, ...task.inputs?.artifacts }, items.inputArtifact)
  const fault = item ?? list
  return fault && `what it goes over ${fault}`
}

function isList(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text))
  } catch {
    return false
  }
}

function faultOfSource(
  source: TaskInputParameter | TaskInputArtifact,
  parent: ComponentSpec,
  components: Readonly<Record<string, ComponentSpec>>,
): string | undefined {
  const { parameters, artifacts } = parent.inputDefinitions ?? {}
  const outputs = (task: string) => {
    const producer = parent.dag?.tasks?.[task]?.componentRef.name
    return producer === undefined ? undefined : components[producer]?.outputDefinitions
  }
  if ('parameterExpressionSelector' in source && !isSelector(source.parameterExpressionSelector ?? '')) {
    return `is selected by ${source.parameterExpressionSelector}, which this machine does not understand`
  }
  if ('componentInputParameter' in source) return among(parameters, source.componentInputParameter)
  if ('componentInputArtifact' in source) return among(artifacts, source.componentInputArtifact)
  if ('taskOutputParameter' in source) {
    const { producerTask, outputParameterKey } = source.taskOutputParameter
    return among(outputs(producerTask)?.parameters, outputParameterKey)
  }
  if ('taskOutputArtifact' in source) {
    const { producerTask, outputArtifactKey } = source.taskOutputArtifact
    return among(outputs(producerTask)?.artifacts, outputArtifactKey)
  }
  return undefined
}

function among(definitions: object | undefined, name: string): string | undefined {
  return definitions !== undefined && Object.hasOwn(definitions, name)
    ? undefined
    : `comes from "${name}", which is not there`
}
