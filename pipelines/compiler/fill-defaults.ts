import type { PipelineSpec, TaskSpec } from '../specification.ts'

/** The inputs that a task leaves off and its container has in its command line: the driver of 2.17 fails on them. */
export function leftOff(task: TaskSpec, { components = {}, deploymentSpec }: PipelineSpec): string[] {
  const component = components[task.componentRef.name] ?? {}
  const container = deploymentSpec?.executors[component.executorLabel ?? '']?.container
  if (container === undefined) return []
  const { command = [], args = [] } = container
  // Optional arguments are looked at by the driver itself, which then leaves them out.
  const texts = [...command, ...args].filter(text => !text.startsWith('{"IfPresent"'))
  const declared = Object.keys(component.inputDefinitions?.parameters ?? {})
  return declared.filter(
    name =>
      task.inputs?.parameters?.[name] === undefined &&
      texts.some(text => text.includes(`{{$.inputs.parameters['${name}']}}`)),
  )
}

/**
 * The specification with the defaults of such inputs written out as constants. The server fills in a default only where
 * the container reads it from `{{$}}`.
 */
export function fillDefaults(spec: PipelineSpec): PipelineSpec {
  const filled = (task: TaskSpec): TaskSpec => {
    const definitions = spec.components?.[task.componentRef.name]?.inputDefinitions?.parameters ?? {}
    const constants = leftOff(task, spec).flatMap(name => {
      const { defaultValue: constant } = definitions[name] ?? {}
      return constant === undefined ? [] : [[name, { runtimeValue: { constant } }] as const]
    })
    if (constants.length === 0) return task
    const parameters = { ...Object.fromEntries(constants), ...task.inputs?.parameters }
    return { ...task, inputs: { ...task.inputs, parameters } }
  }
  const inside = <C extends PipelineSpec['root']>(component: C): C => {
    if (component.dag?.tasks === undefined) return component
    const tasks = Object.entries(component.dag.tasks).map(([key, task]) => [key, filled(task)])
    return { ...component, dag: { ...component.dag, tasks: Object.fromEntries(tasks) } }
  }
  const components = Object.entries(spec.components ?? {}).map(([key, each]) => [key, inside(each)])
  return { ...spec, root: inside(spec.root), components: Object.fromEntries(components) }
}
