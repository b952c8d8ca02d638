import { fileURLToPath } from 'node:url'
import { PressroomError } from '../../core/errors.ts'
import { isObject } from '../../core/object.ts'
import { writeFileAtomic } from '../../core/storage/atomic.ts'
import { type AnyStage, type ArtifactFile, type Json, type Log, schemaTitle } from '../definition/index.ts'
import { mapRecord } from './files.ts'
import { runStage } from './run-stage.ts'

/**
 * A stage as Kubeflow's executor: its whole call comes as one JSON text in place of `{{$}}`, its answer goes into one file.
 * The contract is that of sdk/python/kfp/dsl/executor.py and backend/src/v2/component/launcher_v2.go in kubeflow/pipelines.
 */
export interface ExecutorInput {
  readonly inputs?: {
    readonly parameterValues?: Readonly<Record<string, Json>>
    readonly artifacts?: Readonly<Record<string, RuntimeArtifacts>>
  }
  readonly outputs?: {
    readonly parameters?: Readonly<Record<string, { readonly outputFile: string }>>
    readonly artifacts?: Readonly<Record<string, RuntimeArtifacts>>
    /** Where the executor output goes; it has moved between releases, so it is never assumed. */
    readonly outputFile?: string
  }
}

interface RuntimeArtifacts {
  readonly artifacts?: readonly RuntimeArtifact[]
}

export interface RuntimeArtifact {
  readonly name?: string
  readonly uri?: string
  /** Set by the back end when the file lies elsewhere than its URI says. */
  readonly customPath?: string
  readonly metadata?: Readonly<Record<string, Json>>
}

/** The executor output: the file that tells Kubeflow what a task made. */
export interface ExecutorOutput {
  readonly parameterValues: Readonly<Record<string, Json>>
  readonly artifacts: Readonly<
    Record<string, { readonly artifacts: readonly [RuntimeArtifact & { type: { schemaTitle: string } }] }>
  >
}

export interface ExecutorOptions {
  readonly log: Log
  readonly signal: AbortSignal
  readonly env: NodeJS.ProcessEnv
}

/**
 * Runs a stage for an executor input and writes the executor output where the input says, if it says so.
 * @throws whatever `runStage` throws; PressroomError `not-writable`
 */
export async function execute(
  stage: AnyStage,
  input: ExecutorInput,
  options: ExecutorOptions,
): Promise<{ readonly output: ExecutorOutput; readonly summary: string }> {
  const outputs = pickDefined(located(input.outputs?.artifacts), stage)
  const result = await runStage(stage, {
    ...options,
    parameters: withoutNulls(input.inputs?.parameterValues ?? {}),
    artifacts: located(input.inputs?.artifacts),
    outputs,
  })
  const metadata: Readonly<Record<string, Readonly<Record<string, Json>> | undefined>> = result.metadata ?? {}
  const output: ExecutorOutput = {
    parameterValues: result.parameters as Readonly<Record<string, Json>>,
    artifacts: mapRecord(outputs, (file, key) => ({
      artifacts: [
        { name: key, uri: file.uri, type: typeOf(stage, key), metadata: metadata[key] ?? {} },
      ] as const,
    })),
  }
  const outputFile = input.outputs?.outputFile
  if (outputFile !== undefined) await writeFileAtomic(outputFile, JSON.stringify(output))
  return { output, summary: result.summary }
}

/**
 * Reads the JSON text that stands in place of `{{$}}`.
 * @throws PressroomError `invalid-parameter` when it is not a JSON object
 */
export function parseExecutorInput(text: string): ExecutorInput {
  try {
    const input: unknown = JSON.parse(text)
    if (isObject(input)) return input
  } catch {
    // falls through to the one error: what it is not matters more than why JSON.parse refused it
  }
  throw new PressroomError('invalid-parameter', '--executor_input is not a JSON object', {
    fix: 'Kubeflow fills it in where the component says {{$}}; it is not meant to be typed by hand',
  })
}

/** The artifacts with their paths. An optional one that nothing was wired to comes as an empty list, or not at all. */
function located(artifacts: Readonly<Record<string, RuntimeArtifacts>> = {}): Record<string, ArtifactFile> {
  const entries = Object.entries(artifacts).flatMap(([key, { artifacts: list = [] }]) => {
    return list.slice(0, 1).map(artifact => [key, locate(artifact)] as const)
  })
  return Object.fromEntries(entries)
}

function locate({ uri = '', customPath, metadata = {} }: RuntimeArtifact): ArtifactFile {
  // biome-ignore lint/complexity/useLiteralKeys: the key is Kubeflow's own
  const root = metadata['_kfp_workspace'] === true ? '/kfp-workspace/.artifacts' : ''
  return { uri, path: customPath ?? pathOf(uri, root), metadata }
}

/**
 * Where a URI's content lies: Kubeflow mounts or copies each store under a folder of its own, inside the workspace's when
 * the artifact lives there. Plain paths and file: URLs are the local runner's.
 */
function pathOf(uri: string, root: string): string {
  if (uri.startsWith('file:')) return fileURLToPath(uri)
  const [, scheme, rest = ''] = /^(gs|s3|minio|oci):\/\/(.*)$/s.exec(uri) ?? []
  if (scheme === undefined) return uri
  if (scheme === 'oci') return `/oci/${rest.replaceAll('/', '_')}/models`
  return `${root}/${scheme === 'gs' ? 'gcs' : scheme}/${rest}`
}

/** Kubeflow may add artifacts that the component never declared (`executor-logs`); they are not the stage's. */
function pickDefined<T>(files: Readonly<Record<string, T>>, stage: AnyStage): Record<string, T> {
  return Object.fromEntries(Object.entries(files).filter(([key]) => stage.outputs[key]?.role === 'artifact'))
}

function typeOf(stage: AnyStage, key: string): { schemaTitle: string } {
  const definition = stage.outputs[key]
  return {
    schemaTitle: schemaTitle(definition?.role === 'artifact' ? definition.type : 'any'),
  }
}

function withoutNulls(values: Readonly<Record<string, Json>>): Record<string, Json> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null))
}
