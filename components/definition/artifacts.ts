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

export type ArtifactType = keyof typeof ARTIFACT_SCHEMAS

/** An artifact's definition: plain data. */
export interface Artifact<A extends ArtifactType, P extends Exclude<Presence, 'defaulted'>> {
  readonly role: 'artifact'
  readonly type: A
  readonly presence: P
  readonly help: string
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
