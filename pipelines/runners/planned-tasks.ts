import type { ComponentSpec, PipelineSpec } from '../specification.ts'
import type { TaskRecord } from './local/types.ts'

type Planned = Pick<TaskRecord, 'task' | 'name'>

/** The tasks that a run of the specification will have, as far as it tells: those of loops come as they come. */
export function plannedTasks(spec: PipelineSpec): Planned[] {
  const inside = (component: ComponentSpec, path: readonly string[]): Planned[] =>
    Object.entries(component.dag?.tasks ?? {}).flatMap(([key, task]) => {
      const called = spec.components?.[task.componentRef.name] ?? {}
      if (task.parameterIterator !== undefined || task.artifactIterator !== undefined) return []
      if (called.dag !== undefined) return inside(called, [...path, key])
      return [{ task: [...path, key].join('/'), name: task.taskInfo.name }]
    })
  return inside(spec.root, [])
}
