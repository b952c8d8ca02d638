import type { Json } from '../../../components/definition/index.ts'
import { PressroomError } from '../../../core/errors.ts'
import {
  type Connection,
  connectCluster,
  type Submission,
  type WaitRequest,
} from '../../../pipelines/runners/kubeflow/index.ts'
import type { CommandContext } from '../../command.ts'
import { loadDocuments } from '../../load-documents.ts'
import { parseAssignments } from '../../pipeline-run.ts'

/** The way to Kubeflow, and to the cluster it runs in where a kubeconfig is given. */
export type Reach = Pick<WaitRequest, 'connection' | 'namespace' | 'cluster'>

/**
 * The way to Kubeflow that settings and environment name: an endpoint, or a kubeconfig that leads to one.
 * @throws PressroomError `usage` for neither, and what {@link connectCluster} throws
 */
export async function reachKubeflow({ settings, env, signal, log }: CommandContext): Promise<Reach> {
  const { endpoint, namespace, kubeconfig, context, user, userHeader } = settings as Readonly<
    Record<string, string | undefined>
  >
  const { KUBEFLOW_TOKEN: token, KUBEFLOW_COOKIE: cookie, KF_PIPELINES_SA_TOKEN_PATH: tokenFile } = env
  const way =
    kubeconfig === undefined && context === undefined
      ? undefined
      : await connectCluster({
          signal,
          ...(kubeconfig !== undefined && kubeconfig !== 'default' && { kubeconfig }),
          ...(context !== undefined && { context }),
          ...(namespace !== undefined && { namespace }),
        })
  const userAuth = user !== undefined && { userId: user, userIdHeader: userHeader ?? 'kubeflow-userid' }
  const auth: Connection['auth'] = {
    ...(token && { token }),
    ...(cookie && { cookie }),
    // The Python SDK's variable too, set by Kubeflow's notebooks and by pods with a projected token.
    ...(tokenFile && { tokenFile }),
    ...userAuth,
  }
  const place = namespace === undefined ? {} : { namespace }
  const onRetry = (text: string) => log.warn(text)
  if (endpoint !== undefined) {
    return { connection: { endpoint, auth, onRetry }, ...place, ...(way && { cluster: way.cluster }) }
  }
  if (way === undefined) {
    throw new PressroomError('usage', 'no way to Kubeflow is named', {
      fix: 'give --endpoint https://…, or --kubeconfig default',
    })
  }
  // Kubernetes signs in by the kubeconfig and passes other headers on; a token is one of its own here.
  const connection = { endpoint: way.endpoint, send: way.send, onRetry, ...(userAuth && { auth: userAuth }) }
  return { connection, cluster: way.cluster, ...place }
}

/** A pipeline, compiled for Kubeflow, with what the settings say of its run. */
export async function readSubmission(
  { settings, log }: CommandContext,
  pipeline: string,
): Promise<Submission> {
  const { set, experiment, root, serviceAccount, runName } = settings as {
    readonly set: readonly Json[]
    readonly experiment: string
    readonly root?: string
    readonly serviceAccount?: string
    readonly runName?: string
  }
  const { spec, platform } = await loadDocuments(pipeline, 'kubeflow', log)
  return {
    spec,
    parameters: parseAssignments(spec, set),
    experiment,
    ...(platform && { platform }),
    ...(root !== undefined && { pipelineRoot: root }),
    ...(serviceAccount !== undefined && { serviceAccount }),
    ...(runName !== undefined && { name: runName }),
  }
}
