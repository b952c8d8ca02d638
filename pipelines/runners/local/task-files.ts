import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Json } from '../../../components/definition/index.ts'
import type { ExecutorInput } from '../../../components/faces/executor.ts'
import type { CacheEntry } from './cache.ts'
import { digestPath } from './cache-key.ts'
import type { StoredArtifact, Values } from './types.ts'
import type { Work } from './work.ts'

/** Where a task's artifacts lie in its folder, each under its name. */
export function outputsFolder(folder: string): string {
  return join(folder, 'outputs')
}

/** Where the tasks of a run share files, when the pipeline asks for such a place. */
export function workspaceFolder(run: string): string {
  return join(run, 'workspace')
}

/** The URI of an artifact that a task makes in its folder, under a name. */
export function artifactUri(folder: string, name: string): string {
  return pathToFileURL(join(outputsFolder(folder), name)).href
}

/** What a task is called with, in Kubeflow's form. */
export function executorInputOf(
  work: Pick<Work, 'artifacts' | 'locate'>,
  inputs: Values,
  outputFile: string,
): ExecutorInput {
  const given = Object.entries(inputs.artifacts).map(([name, artifacts]) => {
    return [name, { artifacts: artifacts.map(({ digest: _, ...artifact }) => artifact) }] as const
  })
  const made = Object.entries(work.artifacts).map(([name, type]) => {
    return [name, { artifacts: [{ name, type, uri: work.locate(name), metadata: {} }] }] as const
  })
  return {
    inputs: { parameterValues: inputs.parameters, artifacts: Object.fromEntries(given) },
    outputs: { artifacts: Object.fromEntries(made), outputFile },
  }
}

/**
 * What a task made, with the digest of each artifact.
 * @throws PressroomError `not-a-file` when an artifact is a link or holds one
 */
export async function collect(
  work: Work,
  metadata: (artifact: string) => Readonly<Record<string, Json>>,
  parameters: Readonly<Record<string, Json>>,
  summary: string,
): Promise<CacheEntry> {
  const artifacts = Object.keys(work.artifacts).map(async name => {
    const path = fileURLToPath(work.locate(name))
    return [
      name,
      { metadata: metadata(name), digest: existsSync(path) ? await digestPath(path) : null },
    ] as const
  })
  return { by: work.by, summary, parameters, artifacts: Object.fromEntries(await Promise.all(artifacts)) }
}

/** The outputs as other tasks take them, once the artifacts lie where the work says. */
export function valuesOf(work: Work, entry: CacheEntry): Values {
  const artifacts = Object.entries(work.artifacts).map(
    ([name, type]): [string, readonly StoredArtifact[]] => {
      const { metadata, digest } = entry.artifacts[name] ?? { metadata: {}, digest: null }
      return [name, [{ name, type, uri: work.locate(name), metadata, digest }]]
    },
  )
  return { parameters: entry.parameters, artifacts: Object.fromEntries(artifacts) }
}
