import { rm, stat } from 'node:fs/promises'
import { PressroomError } from '../../core/errors.ts'
import { faultOfGiven, parseText } from '../definition/check.ts'
import type {
  AnyParameter,
  AnyStage,
  ArtifactFile,
  InputDefinition,
  Json,
  Log,
  StageResult,
} from '../definition/index.ts'
import { maskSecrets } from './masking.ts'
import { makeFolders } from './output-folders.ts'
import { DEFAULT_RETRY, retryPassing } from './retry.ts'

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
 * Checks a call against the stage's definition, runs the stage, and checks what it answers. A fault that is likely to pass
 * (a dropped connection, a busy server, a locked folder) does not end it: it is run again as its definition says, since
 * Kubeflow's own retry policies do nothing when a container exits with an error. What such a try had begun to write is
 * taken away first; so is what a run that was stopped had begun, while a fault of the stage leaves what may say why. No failure
 * leaves an empty folder that was made for the outputs.
 * @throws PressroomError `invalid-parameter` for a value, secret or artifact that is missing or wrong, all of them at
 *   once; `not-writable` when an output's folder cannot be made; `invalid-stage` when the stage breaks its own
 *   definition; whatever the stage itself throws, its secrets masked.
 */
export async function runStage(stage: AnyStage, call: StageCall): Promise<StageResult<typeof stage.outputs>> {
  const inputs = await parseInputs(stage, call)
  const { outputs, signal } = call
  const paths = Object.values(outputs).map(({ path }) => path)
  const fresh = await absentOf(paths)
  const removeFresh = () => Promise.all(fresh.map(path => rm(path, { recursive: true, force: true })))
  const masking = maskSecrets(stage.inputs, call.env)
  await using folders = await makeFolders(paths)
  const { default: run } = await stage.run()
  const log = masking.log(call.log)
  const { times, pauseSeconds } = { ...DEFAULT_RETRY, ...stage.retry }
  const attempt = async (again: boolean) => {
    if (again) await removeFresh()
    return run({ inputs, outputs, log, signal })
  }
  try {
    const result = await retryPassing(attempt, { times, pauseSeconds, log, signal })
    checkResult(stage, result)
    folders.keep()
    return result
  } catch (error) {
    if (signal.aborted) await removeFresh()
    throw masking.error(error)
  }
}

async function parseInputs(stage: AnyStage, call: StageCall): Promise<Record<string, unknown>> {
  const faults = [
    ...Object.keys(call.parameters).flatMap(key => faultsOfKey(stage, key, 'parameter')),
    ...Object.keys(call.artifacts).flatMap(key => faultsOfKey(stage, key, 'artifact')),
  ]
  const inputs: Record<string, unknown> = {}
  for (const [key, definition] of Object.entries(stage.inputs)) {
    const value = givenTo(definition, key, call)
    inputs[key] = value
    const fault = await faultOfInput(definition, value)
    if (fault !== undefined) faults.push(`"${key}" ${fault}`)
  }
  for (const [key, { role }] of Object.entries(stage.outputs)) {
    if (role === 'artifact' && !Object.hasOwn(call.outputs, key))
      faults.push(`output "${key}" has no place to go`)
  }
  if (faults.length > 0) {
    const one = faults.length === 1
    throw new PressroomError('invalid-parameter', one ? faults.join() : `${faults.length} inputs are wrong`, {
      ...(!one && { where: faults.join('\n  ') }),
      fix: `see pressroom ${stage.name} --help`,
    })
  }
  return inputs
}

const ROLES = { parameter: 'a parameter', artifact: 'an artifact', secret: 'a secret' } as const

/** The value is not shown: somebody may have passed a secret where it does not belong. */
function faultsOfKey(stage: AnyStage, key: string, given: 'parameter' | 'artifact'): string[] {
  const definition = Object.hasOwn(stage.inputs, key) ? stage.inputs[key] : undefined
  if (definition === undefined)
    return [`"${key}" is not an input; it has ${Object.keys(stage.inputs).join(', ')}`]
  return definition.role === given ? [] : [`"${key}" is ${ROLES[definition.role]}, not ${ROLES[given]}`]
}

function givenTo(definition: InputDefinition, key: string, call: StageCall): unknown {
  switch (definition.role) {
    case 'artifact':
      return call.artifacts[key]
    case 'secret':
      return call.env[definition.env] || undefined
    case 'parameter':
      return resolveParameter(definition, call.parameters[key], call.env)
  }
}

/** A parameter's value: the one given, else that of its environment variable, else its default. Not checked yet. */
export function resolveParameter(definition: AnyParameter, given: unknown, env: NodeJS.ProcessEnv): unknown {
  const variable = definition.env === undefined ? undefined : env[definition.env] || undefined
  return given ?? (variable === undefined ? definition.default : parseText(definition.kind, variable))
}

async function faultOfInput(definition: InputDefinition, value: unknown): Promise<string | undefined> {
  if (value === undefined) {
    if (definition.presence !== 'required') return undefined
    return definition.role === 'secret'
      ? `is missing: set ${definition.env} in the environment`
      : `is missing: ${definition.help}`
  }
  if (definition.role === 'parameter') return faultOfGiven(definition, value)
  if (definition.role === 'secret') return undefined
  const { path } = value as ArtifactFile
  return (await exists(path)) ? undefined : `is not there: ${path}`
}

function checkResult(stage: AnyStage, result: StageResult<typeof stage.outputs>): void {
  const parameters: Readonly<Record<string, unknown>> = result.parameters
  const metadata: Readonly<Record<string, Readonly<Record<string, Json>> | undefined>> = result.metadata ?? {}
  const isOutput = (key: string, role: string) =>
    Object.hasOwn(stage.outputs, key) && stage.outputs[key]?.role === role
  const faults: string[] = []
  for (const [key, definition] of Object.entries(stage.outputs)) {
    if (definition.role !== 'parameter') continue
    const value = parameters[key]
    // Unlike an input, an output may be an empty string: "no previous version" is an answer.
    const fault = value === '' && definition.kind === 'string' ? undefined : faultOfGiven(definition, value)
    if (fault !== undefined) faults.push(`its output "${key}" ${fault}`)
  }
  for (const key of Object.keys(parameters)) {
    if (!isOutput(key, 'parameter')) faults.push(`it returned "${key}", which is no output parameter of it`)
  }
  for (const [key, values = {}] of Object.entries(metadata)) {
    if (!isOutput(key, 'artifact')) faults.push(`it described "${key}", which is no output artifact of it`)
    // Kubeflow fails a task whose metadata holds a null, and that is what JSON makes of NaN.
    const empty = Object.keys(values).filter(name => values[name] === null || Number.isNaN(values[name]))
    faults.push(...empty.map(name => `its metadata "${name}" of "${key}" must not be ${values[name]}`))
  }
  if (faults.length > 0) {
    const one = faults.length === 1
    const what = one ? faults.join() : `it broke its definition in ${faults.length} ways`
    throw new PressroomError('invalid-stage', `${stage.name}: ${what}`, {
      ...(!one && { where: faults.join('\n  ') }),
      fix: 'this is a fault in the stage, not in its inputs',
    })
  }
}

async function absentOf(paths: readonly string[]): Promise<string[]> {
  const there = await Promise.all(paths.map(exists))
  return paths.filter((_, i) => !there[i])
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
