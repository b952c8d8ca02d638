import type { Json } from '../../components/definition/index.ts'
import type { ComponentSpec, ExecutorSpec } from '../specification.ts'
import type { Documents } from './emit.ts'
import type { Renaming } from './names.ts'

/** What a pipeline that is called as a task brings into the pipeline around it, under its new names. */
export interface Merged {
  readonly components: [string, ComponentSpec][]
  readonly executors: [string, ExecutorSpec][]
  /** What Kubernetes is told, by executor. */
  readonly platforms: [string, Readonly<Record<string, Json>>][]
  /** What the task runs. */
  readonly root: ComponentSpec
}

/** Gives the parts of a compiled pipeline new names, references to them included. */
export function mergeInner({ spec, platform }: Documents, renaming: Renaming): Merged {
  const componentName = (name: string) => renaming.components.get(name) ?? name
  const executorName = (name: string) => renaming.executors.get(name) ?? name
  const renamed = (component: ComponentSpec): ComponentSpec => {
    const { executorLabel, dag } = component
    if (executorLabel !== undefined) return { ...component, executorLabel: executorName(executorLabel) }
    if (dag?.tasks === undefined) return component
    const tasks = Object.entries(dag.tasks).map(([name, task]) => {
      return [name, { ...task, componentRef: { name: componentName(task.componentRef.name) } }] as const
    })
    return { ...component, dag: { ...dag, tasks: Object.fromEntries(tasks) } }
  }
  return {
    components: Object.entries(spec.components ?? {}).map(([name, component]) => [
      componentName(name),
      renamed(component),
    ]),
    executors: Object.entries(spec.deploymentSpec?.executors ?? {}).map(([name, executor]) => [
      executorName(name),
      executor,
    ]),
    platforms: Object.entries(platform?.platforms.kubernetes?.deploymentSpec?.executors ?? {}).map(
      ([name, settings]) => [executorName(name), settings],
    ),
    root: renamed(spec.root),
  }
}
