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

/** One of ours, or a schema title as others write it: `google.VertexModel`, with a version `google.VertexModel@0.0.0`. */
export type ArtifactType = keyof typeof ARTIFACT_SCHEMAS | `${'system' | 'google'}.${string}`

/** A type without its version: any version goes wherever its type does. */
export type Unversioned<A extends ArtifactType> = A extends `${infer T extends ArtifactType}@${string}`
  ? T
  : A

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

/** A type and the version of its schema, where it names one. */
export function versioned<A extends ArtifactType>(type: A): { type: Unversioned<A>; schemaVersion?: string } {
  const [title, schemaVersion] = type.split('@')
  return { type: title as Unversioned<A>, ...(schemaVersion && { schemaVersion }) }
}

/** An artifact that must be there. `help` is one sentence. */
export function artifact<const A extends ArtifactType>(
  type: A,
  help: string,
): Artifact<Unversioned<A>, 'required'> {
  return { role: 'artifact', presence: 'required', help, ...versioned(type) }
}

/** An artifact that may be left out; only inputs can be. */
export function optionalArtifact<const A extends ArtifactType>(
  type: A,
  help: string,
): Artifact<Unversioned<A>, 'optional'> {
  return { role: 'artifact', presence: 'optional', help, ...versioned(type) }
}

/** A list of artifacts, for containers and pipelines; stages take and make single ones. */
export function artifactList<const A extends ArtifactType>(
  type: A,
  help: string,
): ArtifactList<Unversioned<A>, 'required'> {
  return { role: 'artifact', presence: 'required', help, list: true, ...versioned(type) }
}
