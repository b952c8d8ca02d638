import type { ComponentSpec, InputsSpec, OutputsSpec, PipelineSpec } from '../../pipelines/specification.ts'

/**
 * Every place where a specification refers to something that is not there or is of another type. The server sees none
 * of these at upload; they fail in the run.
 */
export function danglingReferences(spec: PipelineSpec): string[] {
  const faults: string[] = []
  const components = { ...spec.components, root: spec.root }
  const used = new Set(['root'])
  for (const [componentName, component] of Object.entries(components)) {
    if (component.executorLabel !== undefined) {
      if (!spec.deploymentSpec?.executors[component.executorLabel]) faults.push(`${componentName}: executor`)
      continue
    }
    const tasks = component.dag?.tasks ?? {}
    const outputType = (task: string, key: string) => {
      const producer = spec.components?.[tasks[task]?.componentRef.name ?? '']
      return typeOf(producer?.outputDefinitions, key)
    }
    for (const [name, task] of Object.entries(tasks)) {
      const at = `${componentName}.${name}`
      const target: ComponentSpec | undefined = spec.components?.[task.componentRef.name]
      used.add(task.componentRef.name)
      if (target === undefined) {
        faults.push(`${at}: component ${task.componentRef.name}`)
        continue
      }
      for (const dependency of task.dependentTasks ?? []) {
        if (tasks[dependency] === undefined || dependency === name)
          faults.push(`${at}: waits for ${dependency}`)
      }
      const given = { ...task.inputs?.parameters, ...task.inputs?.artifacts }
      for (const [input, value] of Object.entries(given)) {
        const wanted = typeOf(target.inputDefinitions, input)
        let got: string | undefined
        let producer: string | undefined
        if ('componentInputParameter' in value) {
          got = typeOf(component.inputDefinitions, value.componentInputParameter)
        } else if ('componentInputArtifact' in value) {
          got = typeOf(component.inputDefinitions, value.componentInputArtifact)
        } else if ('taskOutputParameter' in value) {
          producer = value.taskOutputParameter.producerTask
          got = outputType(producer, value.taskOutputParameter.outputParameterKey)
        } else if ('taskOutputArtifact' in value) {
          producer = value.taskOutputArtifact.producerTask
          got = outputType(producer, value.taskOutputArtifact.outputArtifactKey)
        } else {
          got = wanted
        }
        if (got === undefined || (got !== wanted && wanted !== 'system.Artifact')) {
          faults.push(`${at}.${input}: ${wanted} from ${got}`)
        }
        if (producer !== undefined && !task.dependentTasks?.includes(producer)) {
          faults.push(`${at}.${input}: does not wait for ${producer}`)
        }
      }
      const { parameters = {}, artifacts = {} } = target.inputDefinitions ?? {}
      for (const [input, { isOptional }] of Object.entries({ ...parameters, ...artifacts })) {
        if (!isOptional && given[input] === undefined) faults.push(`${at}.${input}: is missing`)
      }
      for (const [, input] of task.triggerPolicy?.condition?.matchAll(/parameter_values\['([^']+)'\]/g) ??
        []) {
        if (given[input!] === undefined) faults.push(`${at}: condition on ${input}`)
      }
    }
  }
  for (const name of Object.keys(components)) if (!used.has(name)) faults.push(`${name}: is used by no task`)
  return faults
}

function typeOf(specs: InputsSpec | OutputsSpec | undefined, name: string): string | undefined {
  return specs?.parameters?.[name]?.parameterType ?? specs?.artifacts?.[name]?.artifactType.schemaTitle
}
