import type { Presence } from './parameters.ts'

/**
 * The artifact types a stage can take or make, with the schema titles Kubeflow knows them by
 * (api/v2alpha1/pipeline_spec.proto of kubeflow/pipelines; the user interface draws metrics, HTML and Markdown).
 */
export const ARTIFACT_SCHEMAS = {
  dataset: 'system.Dataset',
  model: 'system.Model',
  metrics: 'system.Metrics',
  'classification-metrics': 'system.ClassificationMetrics',
  html: 'system.HTML',
  markdown: 'system.Markdown',
  any: 'system.Artifact',
} as const

/** One of ours, or a schema title as others write it: `google.VertexModel`. */
export type ArtifactType = keyof typeof ARTIFACT_SCHEMAS | `${'system' | 'google'}.${string}`

/** The schema title of an artifact type. */
export function schemaTitle(type: ArtifactType): string {
  return Object.hasOwn(ARTIFACT_SCHEMAS, type)
    ? ARTIFACT_SCHEMAS[type as keyof typeof ARTIFACT_SCHEMAS]
    : type
}

/** An artifact's definition: plain data. */
export interface Artifact<A extends ArtifactType, P extends Exclude<Presence, 'defaulted'>> {
  readonly role: 'artifact'
  readonly type: A
  readonly presence: P
  readonly help: string
  /** Any number of them under one name; only containers and pipelines take or make lists. */
  readonly list?: true
  /** Of the schema; `0.0.1` by default. */
  readonly schemaVersion?: string
}

/** Any number of artifacts under one name. */
export type ArtifactList<A extends ArtifactType, P extends Exclude<Presence, 'defaulted'>> = Artifact<
  A,
  P
> & {
  readonly list: true
}

export type AnyArtifact = Artifact<ArtifactType, Exclude<Presence, 'defaulted'>>

/** An artifact that must be there. `help` is one sentence. */
export function artifact<const A extends ArtifactType>(type: A, help: string): Artifact<A, 'required'> {
  return { role: 'artifact', type, presence: 'required', help }
}

/** An artifact that may be left out; only inputs can be. */
export function optionalArtifact<const A extends ArtifactType>(
  type: A,
  help: string,
): Artifact<A, 'optional'> {
  return { role: 'artifact', type, presence: 'optional', help }
}

/** A list of artifacts, for containers and pipelines; stages take and make single ones. */
export function artifactList<const A extends ArtifactType>(
  type: A,
  help: string,
): ArtifactList<A, 'required'> {
  return { role: 'artifact', type, presence: 'required', help, list: true }
}
