import { PressroomError } from '../../../core/errors.ts'
import type { Pod } from '../../../core/kubernetes/pods.ts'
import type { KubeflowClient } from './client.ts'
import type { Cluster } from './cluster.ts'

export interface PodLogsOptions {
  readonly client: KubeflowClient
  readonly runId: string
  readonly cluster?: Cluster | undefined
}

/** The pods of a run by the ids of their Argo nodes, and what they print. */
export class PodLogs {
  readonly #options: PodLogsOptions

  constructor(options: PodLogsOptions) {
    this.#options = options
  }

  /** A pod as the cluster sees it; undefined when it is gone, or nobody may look. */
  async podOf(node: string): Promise<Pod | undefined> {
    const { cluster, runId } = this.#options
    // A pod's name is the workflow's, the template's and the number of its node.
    const number = node.slice(node.lastIndexOf('-'))
    const pods = (await cluster?.pods(runId).catch(ignoreRefusal)) ?? []
    return pods.find(({ metadata }) => metadata.name.endsWith(number))
  }

  /** What it printed: by Kubeflow, which keeps logs, else by the cluster; undefined when neither has it. */
  async read(node: string): Promise<string | undefined> {
    const { client, cluster, runId } = this.#options
    const kept = await client.log(runId, node).catch(ignoreRefusal)
    if (kept !== undefined || cluster === undefined) return kept
    const pod = await this.podOf(node)
    return pod && cluster.log(pod.metadata.name).catch(ignoreRefusal)
  }
}

/** A log that may not be read keeps nobody from seeing how the run ends. */
function ignoreRefusal(error: unknown): undefined {
  if (!(error instanceof PressroomError) || error.code === 'cancelled') throw error
}
