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
    const selected = [
      ...Object.entries(component.dag?.outputs?.parameters ?? {}).flatMap(([name, output]) => {
        const { valueFromOneof, valueFromParameter } = output
        const selectors = valueFromOneof?.parameterSelectors ?? [valueFromParameter!]
        return selectors.map(of => [name, of.producerSubtask, of.outputParameterKey] as const)
      }),
      ...Object.entries(component.dag?.outputs?.artifacts ?? {}).flatMap(([name, output]) => {
        return output.artifactSelectors.map(of => [name, of.producerSubtask, of.outputArtifactKey] as const)
      }),
    ]
    const outputType = (task: string, key: string | undefined) => {
      const producer = spec.components?.[tasks[task]?.componentRef.name ?? '']
      return typeOf(producer?.outputDefinitions, key)
    }
    for (const [name, task, key] of selected) {
      const [wanted, got] = [typeOf(component.outputDefinitions, name), outputType(task, key)]
      // A loop makes a list of what each iteration puts out.
      if (got === undefined || (wanted !== got && wanted !== 'LIST')) {
        faults.push(`${componentName} puts out ${name}: ${wanted} from ${got}`)
      }
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
          got = wanted ?? 'STRING'
        }
        // What a constant is made of is no input of the component; a part of a value can be of any type.
        const free = wanted === undefined && (input.startsWith('pipelinechannel--') || RESOURCES.has(input))
        const part = 'parameterExpressionSelector' in value
        const status = got === 'TASK_FINAL_STATUS' && wanted === 'STRUCT'
        const generic = wanted === 'system.Artifact' || got === 'system.Artifact'
        if (!free && (got === undefined || !(got === wanted || part || status || generic))) {
          faults.push(`${at}.${input}: ${wanted} from ${got}`)
        }
        if (producer !== undefined && !task.dependentTasks?.includes(producer)) {
          faults.push(`${at}.${input}: does not wait for ${producer}`)
        }
      }
      const { parameters = {}, artifacts = {} } = target.inputDefinitions ?? {}
      const iterator = task.parameterIterator ?? task.artifactIterator
      for (const [input, { isOptional }] of Object.entries({ ...parameters, ...artifacts })) {
        if (isOptional || given[input] !== undefined || input === iterator?.itemInput) continue
        faults.push(`${at}.${input}: is missing`)
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

/** The inputs that a task gets for what is set on it (kfp/compiler/pipeline_spec_builder.py). */
const RESOURCES = new Set([
  'cpu_limit',
  'memory_limit',
  'cpu_request',
  'memory_request',
  'accelerator_type',
  'accelerator_count',
  'base_image',
])

function typeOf(specs: InputsSpec | OutputsSpec | undefined, name = ''): string | undefined {
  return specs?.parameters?.[name]?.parameterType ?? specs?.artifacts?.[name]?.artifactType.schemaTitle
}
