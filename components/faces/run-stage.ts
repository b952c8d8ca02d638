import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PressroomError } from '../../core/errors.ts'
import { faultOf, parseText } from '../definition/check.ts'
import type { AnyParameter, AnyStage, ArtifactFile, Log, StageResult } from '../definition/index.ts'

/** One call of a stage, whoever makes it: a command, an action, Kubeflow's launcher or the local runner. */
export interface StageCall {
  /** Values by input; what is left out takes its environment variable, then its default. */
  readonly parameters: Readonly<Record<string, unknown>>
  readonly artifacts: Readonly<Record<string, ArtifactFile>>
  /** Where each output artifact goes. */
  readonly outputs: Readonly<Record<string, Omit<ArtifactFile, 'metadata'>>>
  readonly log: Log
  readonly signal: AbortSignal
  /** Where secrets and the inputs that name a variable are read from. */
  readonly env: NodeJS.ProcessEnv
}

/**
 * Checks a call against the stage's definition, runs the stage, and checks what it answers.
 * @throws PressroomError `invalid-parameter` for a value, secret or artifact that is missing or wrong, all of them at
 *   once; `invalid-stage` when the stage breaks its own definition; whatever the stage itself throws.
 */
export async function runStage(stage: AnyStage, call: StageCall): Promise<StageResult<typeof stage.outputs>> {
  const inputs = await parseInputs(stage, call)
  await Promise.all(
    Object.values(call.outputs).map(output => mkdir(dirname(output.path), { recursive: true })),
  )
  const { default: run } = await stage.run()
  const result = await run({ inputs, outputs: call.outputs, log: call.log, signal: call.signal })
  checkResult(stage, result)
  return result
}

async function parseInputs(stage: AnyStage, call: StageCall): Promise<Record<string, unknown>> {
  const faults: string[] = []
  const inputs: Record<string, unknown> = {}
  for (const key of [...Object.keys(call.parameters), ...Object.keys(call.artifacts)]) {
    if (!(key in stage.inputs))
      faults.push(`"${key}" is not an input; it has ${Object.keys(stage.inputs).join(', ')}`)
  }
  for (const [key, definition] of Object.entries(stage.inputs)) {
    if (definition.role === 'artifact') {
      const file = call.artifacts[key]
      inputs[key] = file
      if (file === undefined && definition.presence === 'required')
        faults.push(`"${key}" is missing: ${definition.help}`)
      if (file !== undefined && !(await exists(file.path))) faults.push(`"${key}" is not there: ${file.path}`)
    } else if (definition.role === 'secret') {
      const value = call.env[definition.env] || undefined
      inputs[key] = value
      if (value === undefined && definition.presence === 'required') {
        faults.push(`"${key}" is missing: set ${definition.env} in the environment`)
      }
    } else {
      const value = resolveParameter(definition, call.parameters[key], call.env)
      inputs[key] = value
      if (value === undefined) {
        if (definition.presence === 'required') faults.push(`"${key}" is missing: ${definition.help}`)
        continue
      }
      const fault = faultOf(definition, value)
      if (fault !== undefined) faults.push(`"${key}" ${fault}`)
    }
  }
  if (faults.length > 0) {
    throw new PressroomError(
      'invalid-parameter',
      faults.length === 1 ? faults.join() : `${faults.length} inputs are wrong`,
      {
        ...(faults.length > 1 && { where: faults.join('\n  ') }),
        fix: `see pressroom ${stage.name} --help`,
      },
    )
  }
  return inputs
}

/** A parameter's value: the one given, else that of its environment variable, else its default. Not checked yet. */
export function resolveParameter(definition: AnyParameter, given: unknown, env: NodeJS.ProcessEnv): unknown {
  const variable = definition.env === undefined ? undefined : env[definition.env] || undefined
  return given ?? (variable === undefined ? definition.default : parseText(definition.kind, variable))
}

function checkResult(stage: AnyStage, result: StageResult<typeof stage.outputs>): void {
  const parameters: Readonly<Record<string, unknown>> = result.parameters
  for (const [key, definition] of Object.entries(stage.outputs)) {
    if (definition.role !== 'parameter') continue
    const value = parameters[key]
    // Unlike an input, an output may be an empty string: "no previous version" is an answer.
    const fault = value === '' && definition.kind === 'string' ? undefined : faultOf(definition, value)
    if (fault !== undefined) {
      throw new PressroomError('invalid-stage', `${stage.name}: its output "${key}" ${fault}`, {
        fix: 'this is a fault in the stage, not in its inputs',
      })
    }
  }
  for (const key of Object.keys(parameters)) {
    if (!(key in stage.outputs)) {
      throw new PressroomError(
        'invalid-stage',
        `${stage.name}: it returned "${key}", which it does not define as an output`,
      )
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
