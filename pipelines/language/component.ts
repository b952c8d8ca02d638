import type { AnyStage, InputDefinition } from '../../components/definition/index.ts'
import { containerOf } from '../../components/image.ts'
import type { Component, PipelineInputs } from './graph.ts'

/** Whether inputs and outputs can be called so everywhere: in Kubeflow's files and in Python's keyword arguments. */
export function isValueName(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_]*$/.test(name)
}

/** A stage as a pipeline sees it: its secrets set apart, its container the image that holds all stages. */
export function componentOf(stage: AnyStage): Component {
  const secrets = Object.entries(stage.inputs).flatMap(([name, input]) => {
    return input.role === 'secret' ? [[name, input.env] as const] : []
  })
  return {
    name: stage.name,
    inputs: wiredInputs(stage.inputs),
    secrets: new Map(secrets),
    outputs: stage.outputs,
    body: { kind: 'container', container: containerOf(stage) },
    resources: stage.resources ?? {},
    cacheable: stage.effects === undefined,
    stage: true,
  }
}

/** The inputs that a pipeline can pass: all but secrets. */
export function wiredInputs(inputs: Readonly<Record<string, InputDefinition>>): PipelineInputs {
  const wired = Object.entries(inputs).flatMap(([name, input]) => {
    return input.role === 'secret' ? [] : [[name, input] as const]
  })
  return Object.fromEntries(wired)
}
