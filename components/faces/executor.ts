import { aString, type Decoder, listOf, objectWith, orAbsent, recordOf } from '../../core/decode.ts'
import { PressroomError } from '../../core/errors.ts'
import { isWalkable, MOST_LEVELS } from '../../core/object.ts'
import { writeFileAtomic } from '../../core/storage/atomic.ts'
import { pathOfFileUrl } from '../../core/storage/file-url.ts'
import { type AnyStage, type ArtifactFile, type Json, type Log, schemaTitle } from '../definition/index.ts'
import { mapRecord } from './files.ts'
import { runStage } from './run-stage.ts'

/**
 * A stage as Kubeflow's executor: its whole call comes as one JSON text in place of `{{$}}`, its answer goes into one file.
 * The contract is that of sdk/python/kfp/dsl/executor.py and backend/src/v2/component/launcher_v2.go in kubeflow/pipelines.
 */
export interface ExecutorInput {
  readonly inputs?:
    | {
        readonly parameterValues?: Readonly<Record<string, Json>> | undefined
        readonly artifacts?: Readonly<Record<string, RuntimeArtifacts>> | undefined
      }
    | undefined
  readonly outputs?:
    | {
        readonly parameters?: Readonly<Record<string, { readonly outputFile: string }>> | undefined
        readonly artifacts?: Readonly<Record<string, RuntimeArtifacts>> | undefined
        /** Where the executor output goes; it has moved between releases, so it is never assumed. */
        readonly outputFile?: string | undefined
      }
    | undefined
}

interface RuntimeArtifacts {
  readonly artifacts?: readonly RuntimeArtifact[] | undefined
}

export interface RuntimeArtifact {
  readonly name?: string | undefined
  readonly uri?: string | undefined
  /** Set by the back end when the file lies elsewhere than its URI says. */
  readonly customPath?: string | undefined
  readonly metadata?: Readonly<Record<string, Json>> | undefined
}

/** The executor output: the file that tells Kubeflow what a task made. */
export interface ExecutorOutput {
  readonly parameterValues: Readonly<Record<string, Json>>
  readonly artifacts: Readonly<
    Record<string, { readonly artifacts: readonly [RuntimeArtifact & { type: { schemaTitle: string } }] }>
  >
}

const anything: Decoder<Json> = value => value as Json
const someArtifacts = orAbsent(
  recordOf(
    objectWith({
      artifacts: orAbsent(
        listOf(
          objectWith({
            name: orAbsent(aString),
            uri: orAbsent(aString),
            customPath: orAbsent(aString),
            metadata: orAbsent(recordOf(anything)),
          }),
        ),
      ),
    }),
  ),
)
const anExecutorInput: Decoder<ExecutorInput> = objectWith({
  inputs: orAbsent(objectWith({ parameterValues: orAbsent(recordOf(anything)), artifacts: someArtifacts })),
  outputs: orAbsent(
    objectWith({
      parameters: orAbsent(recordOf(objectWith({ outputFile: aString }))),
      artifacts: someArtifacts,
      outputFile: orAbsent(aString),
    }),
  ),
})

/** What a container writes of its outputs, all of which may be left out. */
const anExecutorOutput = objectWith({
  parameterValues: orAbsent(recordOf(anything)),
  artifacts: orAbsent(
    recordOf(
      objectWith({
        artifacts: orAbsent(
          listOf(objectWith({ uri: orAbsent(aString), metadata: orAbsent(recordOf(anything)) })),
        ),
      }),
    ),
  ),
})
export type WrittenOutput = ReturnType<typeof anExecutorOutput>

/**
 * Reads the executor output that a container wrote.
 * @throws Error that says in one clause which part is wrong
 */
export function parseExecutorOutput(text: string): WrittenOutput {
  const output: unknown = JSON.parse(text)
  if (!isWalkable(output)) throw new Error(`it is nested more than ${MOST_LEVELS} levels deep`)
  return anExecutorOutput(output, 'it')
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
 * @throws PressroomError `invalid-parameter` when it is not the JSON of an executor input
 */
export function parseExecutorInput(text: string): ExecutorInput {
  try {
    return anExecutorInput(JSON.parse(text), 'it')
  } catch (cause) {
    throw new PressroomError('invalid-parameter', '--executor_input is not what Kubeflow gives an executor', {
      where: cause instanceof SyntaxError ? 'it is not JSON' : (cause as Error).message,
      fix: 'Kubeflow fills it in where the component says {{$}}; it is not meant to be typed by hand',
    })
  }
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
  if (uri.startsWith('file:')) return pathOfFileUrl(uri)
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
