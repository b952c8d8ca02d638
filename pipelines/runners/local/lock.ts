import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Json } from '../../../components/definition/index.ts'
import { aString, type Decoder, maybe, objectWith, oneOf, recordOf } from '../../../core/decode.ts'
import { PressroomError } from '../../../core/errors.ts'
import { own } from '../../../core/object.ts'
import { shorten } from '../../../core/report/shorten.ts'
import { writeFileAtomic } from '../../../core/storage/atomic.ts'
import { readFailure } from '../../../core/storage/failures.ts'
import { isRemote } from '../../../core/storage/remote.ts'
import { digestJson, digestPath, remoteVersion } from './cache-key.ts'
import { codeFingerprint } from './fingerprint.ts'
import { bindParameters } from './parameters.ts'
import { loadStages } from './stages.ts'
import type { RunRequest, RunResult, TaskRecord } from './types.ts'

const HEADER =
  '# Written by pressroom run --lock. pressroom run --locked fails when a run would differ from it.\n'

/** What a run stands on, known before it begins. All digests are `sha256:…`. */
export interface LockHead {
  /** Over the specification, the SDK's version aside. */
  readonly definition: string
  /** Over the stages' code, their packages and Node's version. */
  readonly code: string
  /** Node's version: `v24.21.0`. */
  readonly node: string
  readonly parameters: Readonly<Record<string, Json>>
  /** By parameter: the content of the file or folder that it names, or the version of what lies in a bucket. */
  readonly files: Readonly<Record<string, string>>
}

/** All that must be the same for a run to be the same. */
export interface RunLock extends LockHead {
  /** By path, of the tasks that ran. */
  readonly tasks: Readonly<Record<string, LockedTask>>
}

interface LockedTask {
  readonly inputs: string
  /** By name. Missing for a stage with effects outside: what it answers is its registry's affair. */
  readonly outputs?: Readonly<Record<string, string>>
}

/**
 * What a run would stand on.
 * @throws PressroomError `invalid-parameter`; `not-a-file`, `not-readable` for a parameter that names what has no digest
 */
export async function lockHead(
  request: Pick<RunRequest, 'spec' | 'parameters' | 'stageModules'>,
): Promise<LockHead> {
  const { sdkVersion: _, ...definition } = request.spec
  const parameters = bindParameters(request.spec, request.parameters ?? {})
  const files: Record<string, string> = {}
  for (const [name, value] of Object.entries(parameters)) {
    if (typeof value !== 'string') continue
    const digest = isRemote(value)
      ? await remoteVersion(value)
      : existsSync(value)
        ? await digestPath(value)
        : undefined
    if (digest !== undefined) files[name] = digest
  }
  return {
    definition: digestJson(definition),
    code: await codeFingerprint(request.stageModules ?? []),
    node: process.version,
    parameters,
    files,
  }
}

/** What a run that succeeded stood on and made. */
export async function lockOf(
  head: LockHead,
  { tasks }: Pick<RunResult, 'tasks'>,
  stageModules: readonly string[] = [],
): Promise<RunLock> {
  const stages = await loadStages(stageModules)
  const ran = tasks.flatMap((record): [string, LockedTask][] => {
    const { task, inputsDigest: inputs, stage = '' } = record
    if (inputs === undefined) return []
    const outputs = stages.get(stage)?.effects === undefined ? { outputs: digestOutputs(record) } : {}
    return [[task, { inputs, ...outputs }]]
  })
  return { ...head, tasks: Object.fromEntries(ran) }
}

function digestOutputs({ outputs }: TaskRecord): Record<string, string> {
  const parameters = Object.entries(outputs?.parameters ?? {}).map(([name, value]) => [
    name,
    digestJson(value),
  ])
  const artifacts = Object.entries(outputs?.artifacts ?? {}).map(([name, list]) => {
    return [name, digestJson(list.map(({ digest, metadata }) => ({ digest, metadata })))]
  })
  return Object.fromEntries([...parameters, ...artifacts])
}

/**
 * How a run differs from what was kept, a line each, empty when it does not.
 * @param now without tasks before the run
 */
export function differences(kept: RunLock, now: LockHead | RunLock): string[] {
  const tasks = 'tasks' in now ? now.tasks : undefined
  return [
    ...(kept.definition === now.definition ? [] : ['the pipeline is defined otherwise']),
    ...differencesOfCode(kept, now),
    ...changed(
      kept.parameters,
      now.parameters,
      name =>
        `parameter "${name}": ${shown(kept.parameters[name])} was kept, now ${shown(now.parameters[name])}`,
    ),
    ...changed(
      kept.files,
      now.files,
      name => `the content of what "${name}" names: ${shown(now.parameters[name])}`,
    ),
    ...(tasks === undefined ? [] : differencesOfTasks(kept.tasks, tasks)),
  ]
}

function differencesOfCode(kept: LockHead, now: LockHead): string[] {
  if (kept.node !== now.node) return [`Node: ${kept.node} was kept, now ${now.node}`]
  return kept.code === now.code ? [] : ['the code of the stages or their packages']
}

function shown(value: Json | undefined): string {
  return value === undefined ? 'none' : shorten(JSON.stringify(value), 60)
}

function differencesOfTasks(kept: RunLock['tasks'], now: RunLock['tasks']): string[] {
  const paths = [...new Set([...Object.keys(kept), ...Object.keys(now)])]
  return paths.flatMap(path => {
    const [before, after] = [kept[path], now[path]]
    if (before === undefined || after === undefined) {
      return [`${path}: ${after === undefined ? 'ran before, not now' : 'runs now, not before'}`]
    }
    const outputs = changed(before.outputs ?? {}, after.outputs ?? {}, name => `${path}: output "${name}"`)
    return before.inputs === after.inputs ? outputs : [`${path}: its inputs`, ...outputs]
  })
}

function changed(
  kept: Readonly<Record<string, Json>>,
  now: Readonly<Record<string, Json>>,
  say: (name: string) => string,
): string[] {
  const names = [...new Set([...Object.keys(kept), ...Object.keys(now)])]
  return names
    .filter(
      name =>
        kept[name] === undefined ||
        now[name] === undefined ||
        digestJson(kept[name]) !== digestJson(now[name]),
    )
    .map(say)
}

/** @throws PressroomError `lock-differs` with the differences, when there are any */
export function requireSame(pipeline: string, differences: readonly string[]): void {
  if (differences.length === 0) return
  throw new PressroomError('lock-differs', `${pipeline} is not what pressroom.lock says`, {
    where: differences.join('\n  '),
    fix: 'restore what differs, or accept it with pressroom run --lock',
  })
}

/**
 * What a lock file keeps for a pipeline.
 * @throws PressroomError `file-not-found`, `lock-differs` when it keeps nothing for it, `invalid-setting` when it is no lock file
 */
export async function readLock(path: string, pipeline: string): Promise<RunLock> {
  const locks = await readLocks(path)
  const lock = own(locks, pipeline)
  if (lock !== undefined) return lock
  throw new PressroomError('lock-differs', `${path} has nothing for ${pipeline}`, {
    fix: 'write it with pressroom run --lock',
  })
}

const aJson: Decoder<Json> = value => value as Json
const aLockFile = objectWith({
  lockVersion: oneOf(1),
  pipelines: recordOf(
    objectWith({
      definition: aString,
      code: aString,
      node: aString,
      parameters: recordOf(aJson),
      files: recordOf(aString),
      tasks: recordOf(objectWith({ inputs: aString, outputs: maybe(recordOf(aString)) })),
    }) as Decoder<RunLock>,
  ),
})

/** Keeps what a pipeline's run stood on, beside those of other pipelines. Errors are those of {@link readLock}. */
export async function writeLock(path: string, pipeline: string, lock: RunLock): Promise<void> {
  const { dump } = await import('js-yaml')
  const pipelines = { ...(existsSync(path) ? await readLocks(path) : {}), [pipeline]: lock }
  await writeFileAtomic(path, HEADER + dump({ lockVersion: 1, pipelines }, { sortKeys: true, lineWidth: -1 }))
}

async function readLocks(path: string): Promise<Record<string, RunLock>> {
  const text = await readFile(path, 'utf8').catch(error => {
    throw readFailure(error, path)
  })
  const { parseOneYaml } = await import('../../../core/one-yaml.ts')
  let where: string
  try {
    return aLockFile(parseOneYaml(text, path), 'it').pipelines
  } catch (cause) {
    where = (cause as Error).message.split('\n', 1).join()
  }
  throw new PressroomError('invalid-setting', `${path} is not a lock file of this release`, {
    where,
    fix: 'take it from version control again, or delete it and run with --lock',
  })
}
