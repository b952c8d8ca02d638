import type { Json } from '../../../components/definition/index.ts'
import { PressroomError } from '../../../core/errors.ts'
import type { VertexConnection, VertexSubmission } from '../../../pipelines/runners/vertex/index.ts'
import type { CommandContext } from '../../command.ts'
import { loadDocuments } from '../../load-documents.ts'
import { parseAssignments } from '../../pipeline-run.ts'
import { follow } from '../follow.ts'

interface VertexSettings {
  readonly project?: string
  readonly location?: string
  readonly apiEndpoint?: string
  readonly set: readonly Json[]
  readonly root?: string
  readonly serviceAccount?: string
  readonly runName?: string
  readonly jobId?: string
  readonly label: readonly Json[]
  readonly network?: string
  readonly encryptionKey?: string
  readonly caching: 'compiled' | 'on' | 'off'
  readonly failurePolicy: 'slow' | 'fast'
  /** Only where a pipeline may run here too; false is what its user would write there. */
  readonly cache?: boolean
}

/**
 * The way to Vertex AI that settings and environment name.
 * @throws PressroomError `usage` without a region
 */
export function vertexConnection({ settings, log }: CommandContext): VertexConnection {
  const { project, location, apiEndpoint } = settings as unknown as VertexSettings
  if (location === undefined) {
    throw new PressroomError('usage', 'no region of Vertex AI is named', {
      fix: 'give --location europe-west4, or set GOOGLE_CLOUD_REGION',
    })
  }
  return {
    location,
    onRetry: text => log.warn(text),
    ...(project !== undefined && { project }),
    ...(apiEndpoint !== undefined && { apiEndpoint }),
  }
}

/** A pipeline, compiled for Vertex AI, with what the settings say of its jobs. */
export async function readVertexSubmission(
  context: CommandContext,
  pipeline: string,
): Promise<VertexSubmission> {
  const settings = context.settings as unknown as VertexSettings
  const { root, serviceAccount, runName, jobId, network, encryptionKey, failurePolicy } = settings
  const { spec, platform } = await loadDocuments(pipeline, 'vertex', context.log)
  const caching = settings.caching === 'compiled' && settings.cache === false ? 'off' : settings.caching
  return {
    spec,
    parameters: parseAssignments(spec, settings.set),
    labels: parseLabels(settings.label),
    failurePolicy,
    ...(platform && { platform }),
    ...(caching !== 'compiled' && { caching: caching === 'on' }),
    ...(root !== undefined && { pipelineRoot: root }),
    ...(serviceAccount !== undefined && { serviceAccount }),
    ...(runName !== undefined && { name: runName }),
    ...(jobId !== undefined && { jobId }),
    ...(network !== undefined && { network }),
    ...(encryptionKey !== undefined && { encryptionKey }),
  }
}

function parseLabels(texts: readonly Json[]): Record<string, string> {
  return Object.fromEntries(
    texts.map(text => {
      const [, key, value] = /^([^=]+)=(.*)$/s.exec(String(text)) ?? []
      if (key === undefined || value === undefined) {
        throw new PressroomError('usage', `--label ${text} is not key=value`)
      }
      return [key, value]
    }),
  )
}

/** `pressroom run PIPELINE --on vertex`. */
export async function runPipelineOnVertex(context: CommandContext, pipeline: string): Promise<void> {
  const connection = vertexConnection(context)
  const submission = await readVertexSubmission(context, pipeline)
  const { runOnVertex } = await import('../../../pipelines/runners/vertex/index.ts')
  const { wait, logs } = context.settings
  if (logs === true)
    context.log.warn('--logs: Vertex AI keeps the logs of tasks in Cloud Logging, by custom job')
  await follow(context, watching =>
    runOnVertex({ ...submission, ...watching, connection, wait: wait !== false }),
  )
}
