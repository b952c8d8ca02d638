import type { ComponentSpec, PipelineSpec } from '../../specification.ts'

/**
 * The specification with caching on or off in every task, as `enable_caching` of the Python SDK has it
 * (`_set_enable_caching_value` of google-cloud-aiplatform). On means every task, those too that the pipeline never caches.
 */
export function withCaching(spec: PipelineSpec, enableCache: boolean): PipelineSpec {
  const inside = <C extends ComponentSpec>(component: C): C => {
    if (component.dag?.tasks === undefined) return component
    const tasks = Object.entries(component.dag.tasks).map(([key, task]) => {
      const { cacheKey } = task.cachingOptions ?? {}
      return [key, { ...task, cachingOptions: { enableCache, ...(enableCache && cacheKey && { cacheKey }) } }]
    })
    return { ...component, dag: { ...component.dag, tasks: Object.fromEntries(tasks) } }
  }
  const components = Object.entries(spec.components ?? {}).map(([key, component]) => [key, inside(component)])
  return { ...spec, root: inside(spec.root), components: Object.fromEntries(components) }
}
