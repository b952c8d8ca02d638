import { randomBytes } from 'node:crypto'
import type { Json } from '../../../components/definition/index.ts'
import { digestBytes } from '../../../core/storage/digest.ts'
import { toYaml } from '../../compiler/yaml.ts'
import type { PipelineSpec, PlatformSpec } from '../../specification.ts'
import { bindParameters } from '../local/parameters.ts'
import type { KubeflowClient, NewRun } from './client.ts'

/** A compiled pipeline and what a run of it is given. */
export interface Submission {
  readonly spec: PipelineSpec
  readonly platform?: PlatformSpec
  /** Values by pipeline input; the server fills in the defaults of what is left out. */
  readonly parameters?: Readonly<Record<string, Json>>
  /** Where artifacts are kept: `gs://`, `s3://`, `minio://`. Default: the specification's, else the server's. */
  readonly pipelineRoot?: string
  /** Made when there is none. Default `Default`, as in Kubeflow's own tools. */
  readonly experiment?: string
  /** The Kubernetes service account of the pods. Default: the server's, `pipeline-runner`. */
  readonly serviceAccount?: string
  /** How the run is called. Default: as the pipeline. A part that makes it unique is added. */
  readonly name?: string
}

/** What an upload came to. */
export interface Upload {
  readonly pipelineId: string
  readonly versionId: string
  readonly version: string
  /** False when the same version was there already. */
  readonly uploaded: boolean
}

/**
 * Uploads a compiled pipeline: as a pipeline of its name, and a version named by the digest of its bytes. The same bytes
 * are therefore uploaded once, however often and from wherever this is called.
 */
export async function uploadPipeline(client: KubeflowClient, submission: Submission): Promise<Upload> {
  const { name, description } = submission.spec.pipelineInfo
  const { spec, platform } = submission
  const content = toYaml({ spec, ...(platform && { platform }) })
  const { pipeline_id: pipelineId } = await client.pipeline(name, description)
  const digest = digestBytes(Buffer.from(content)).replace(/^sha256:/, '')
  // The server takes names of 128 characters at most.
  const version = `${name.slice(0, 115)}-${digest.slice(0, 12)}`
  const { pipeline_version_id: versionId, uploaded } = await client.uploadVersion(
    pipelineId,
    version,
    content,
  )
  return { pipelineId, versionId, version, uploaded }
}

/**
 * What a run is created with; checks the parameters first, since the server's own refusal names only the first fault.
 * @throws PressroomError `invalid-parameter`, and what the client throws
 */
export async function prepareRun(client: KubeflowClient, submission: Submission): Promise<NewRun> {
  const { spec, parameters = {}, pipelineRoot, experiment = 'Default', serviceAccount, name } = submission
  bindParameters(spec, parameters)
  const { pipelineId, versionId } = await uploadPipeline(client, submission)
  return {
    displayName: `${name ?? spec.pipelineInfo.name} ${randomBytes(4).toString('hex')}`,
    experimentId: await client.experiment(experiment),
    pipelineId,
    versionId,
    parameters,
    // The server does not read the specification's own.
    pipelineRoot: pipelineRoot ?? spec.defaultPipelineRoot,
    serviceAccount,
  }
}
