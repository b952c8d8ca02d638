import { lstat, realpath } from 'node:fs/promises'
import { sep } from 'node:path'
import type { AnyStage } from '../../../components/definition/index.ts'
import { mapRecord } from '../../../components/faces/files.ts'
import { resolveParameter } from '../../../components/faces/run-stage.ts'
import { PressroomError } from '../../../core/errors.ts'
import { sortKeys } from '../../../core/sort-keys.ts'
import { digestBytes, digestFile, digestFolder } from '../../../core/storage/digest.ts'
import { isRemote, openRemote } from '../../../core/storage/remote.ts'
import type { ContainerSpec, PipelineSpec, TaskSpec } from '../../specification.ts'
import type { TaskCall } from './dag.ts'
import type { Values } from './types.ts'
import type { Work } from './work.ts'

/** Raised when entries or keys change their meaning, so that older ones are never met. */
const CACHE_FORMAT = 2

/** All that decides what a task makes. */
export interface KeyParts {
  readonly stage: AnyStage
  /** From `codeFingerprint`. */
  readonly code: string
  readonly inputs: Values
  /** The environment that the stage will see: some inputs may come from it. Secrets do not count. */
  readonly env: NodeJS.ProcessEnv
  /** The folder of runs and cache. */
  readonly home: string
}

/**
 * The key of a task's result, 64 hex digits. A string that names a file or folder, here or in a bucket, stands for its content
 * too: an edited file is another input.
 * @throws PressroomError `not-a-file`, `not-readable` when what a string names has no digest: a folder with links, or the
 *   one that the run itself writes to
 */
export async function cacheKey({ stage, code, inputs, env, home }: KeyParts): Promise<string> {
  const parameters: Record<string, unknown> = {}
  const files: Record<string, string> = {}
  for (const [name, definition] of Object.entries(stage.inputs)) {
    if (definition.role !== 'parameter') continue
    const value = resolveParameter(definition, inputs.parameters[name], env)
    parameters[name] = value
    if (typeof value !== 'string' || definition.choices !== undefined) continue
    if (isRemote(value)) {
      const version = await remoteVersion(value)
      if (version !== undefined) files[name] = version
      continue
    }
    const path = await realpath(value).catch(() => undefined)
    if (path === undefined) continue
    // Reading the lock file in it would also drop the lock (core/storage/lock.ts).
    if (`${await realpath(home)}${sep}`.startsWith(`${path}${sep}`)) {
      throw new PressroomError('not-a-file', `${value} is where this run writes`)
    }
    files[name] = await digestPath(path)
  }
  return keyOf([code, stage.name, parameters, files, contentOf(inputs)])
}

/**
 * The version of what an address in a bucket stands for; undefined when nothing is there, as of what is yet to be written.
 * @throws PressroomError when the bucket cannot be asked
 */
export async function remoteVersion(uri: string): Promise<string | undefined> {
  try {
    return (await openRemote(uri)).version
  } catch (error) {
    if (error instanceof PressroomError && error.code === 'file-not-found') return undefined
    throw error
  }
}

/** The key of a container's result. An image stands for its content by its name alone, as on Kubeflow. */
export function containerKey(container: ContainerSpec, { parameters, ...inputs }: Values): string {
  const { image, command = [], args = [], env = [] } = container
  return keyOf([image, command, args, env, parameters, contentOf(inputs)])
}

/** The key that the pipeline's author gave the task in place of its inputs and code, or undefined. */
export function givenKey(
  { by, artifacts }: Pick<Work, 'by' | 'artifacts'>,
  task: TaskSpec,
): string | undefined {
  const { cacheKey: given } = task.cachingOptions ?? {}
  // An empty one is none: proto3 does not know the difference.
  return given ? keyOf(['given', given, by, Object.keys(artifacts).sort()]) : undefined
}

/** A digest over what a task was given and what runs it; not over the code, which may have been mended since. */
export function digestInputs({ deploymentSpec }: PipelineSpec, { component, inputs }: TaskCall): string {
  const executor = deploymentSpec?.executors[component.executorLabel ?? '']
  return digestJson([executor, inputs.parameters, contentOf(inputs)])
}

/** The digest of a value, whatever the order of its keys. */
export function digestJson(value: unknown): string {
  return digestBytes(JSON.stringify(sortKeys(value)))
}

function keyOf(parts: readonly unknown[]): string {
  return digestJson([CACHE_FORMAT, ...parts]).replace('sha256:', '')
}

/** Artifacts by what is in them, wherever they lie. */
function contentOf({ artifacts }: Pick<Values, 'artifacts'>) {
  return mapRecord(artifacts, list => list.map(({ digest, metadata }) => ({ digest, metadata })))
}

/**
 * The digest of a file or folder.
 * @throws PressroomError `not-a-file` for a link or a device; `file-not-found`, `not-readable`
 */
export async function digestPath(path: string): Promise<string> {
  const found = await lstat(path).catch(() => undefined)
  if (found?.isSymbolicLink()) {
    throw new PressroomError('not-a-file', `${path} is a link`, { fix: 'replace it by what it stands for' })
  }
  return found?.isFile() ? digestFile(path) : digestFolder(path)
}
