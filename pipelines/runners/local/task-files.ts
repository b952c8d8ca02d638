import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type AnyStage, ARTIFACT_SCHEMAS, type ArtifactType } from '../../../components/definition/index.ts'
import type { ExecutorInput, ExecutorOutput } from '../../../components/faces/executor.ts'
import type { CacheEntry } from './cache.ts'
import { digestPath } from './cache-key.ts'
import type { StoredArtifact, Values } from './types.ts'

/** Where a task's artifacts lie in its folder, each under its name. */
export function outputsFolder(folder: string): string {
  return join(folder, 'outputs')
}

/** What a stage is called with, in Kubeflow's form. */
export function executorInputOf(stage: AnyStage, inputs: Values, folder: string): ExecutorInput {
  const given = Object.entries(inputs.artifacts).map(([name, artifacts]) => {
    return [name, { artifacts: artifacts.map(({ digest: _, ...artifact }) => artifact) }] as const
  })
  const made = artifactsOf(stage).map(([name, type]) => {
    return [name, { artifacts: [{ ...locate(name, type, folder), metadata: {} }] }] as const
  })
  return {
    inputs: { parameterValues: inputs.parameters, artifacts: Object.fromEntries(given) },
    outputs: { artifacts: Object.fromEntries(made), outputFile: join(folder, 'executor-output.json') },
  }
}

/**
 * What a stage made, with the digest of each artifact.
 * @throws PressroomError `not-a-file` when an artifact is a link or holds one
 */
export async function collect(
  stage: AnyStage,
  folder: string,
  output: ExecutorOutput,
  summary: string,
): Promise<CacheEntry> {
  const artifacts = artifactsOf(stage).map(async ([name]) => {
    const path = join(outputsFolder(folder), name)
    const metadata = output.artifacts[name]?.artifacts[0].metadata ?? {}
    return [name, { metadata, digest: existsSync(path) ? await digestPath(path) : null }] as const
  })
  return {
    stage: stage.name,
    summary,
    parameters: output.parameterValues,
    artifacts: Object.fromEntries(await Promise.all(artifacts)),
  }
}

/** The outputs as other tasks take them, once the artifacts lie in the task's folder. */
export function valuesOf(stage: AnyStage, folder: string, entry: CacheEntry): Values {
  const artifacts = artifactsOf(stage).map(([name, type]): [string, readonly StoredArtifact[]] => {
    const { metadata, digest } = entry.artifacts[name] ?? { metadata: {}, digest: null }
    return [name, [{ ...locate(name, type, folder), metadata, digest }]]
  })
  return { parameters: entry.parameters, artifacts: Object.fromEntries(artifacts) }
}

function artifactsOf(stage: AnyStage): readonly (readonly [string, ArtifactType])[] {
  return Object.entries(stage.outputs).flatMap(([name, definition]) => {
    return definition.role === 'artifact' ? [[name, definition.type] as const] : []
  })
}

function locate(name: string, type: ArtifactType, folder: string) {
  return {
    name,
    type: { schemaTitle: ARTIFACT_SCHEMAS[type], schemaVersion: '0.0.1' },
    uri: pathToFileURL(join(outputsFolder(folder), name)).href,
  }
}
