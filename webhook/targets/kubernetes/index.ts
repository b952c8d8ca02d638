import type { KubeconfigSettings } from '../../../core/kubernetes/kubeconfig.ts'
import type { ObservedModel } from '../../plan/state.ts'
import type { Target } from '../target.ts'
import { type ApiOptions, type Connection, connect, KubernetesApi } from './api.ts'
import { askVersion } from './ask.ts'
import { findModels } from './cluster.ts'
import { loadVersion } from './load.ts'
import { measureVersion } from './measure.ts'
import { readModel } from './read.ts'
import { retireModel } from './retire.ts'
import type { KubernetesSettings } from './settings.ts'
import { shadowVersion, shiftTraffic } from './shift.ts'
import { unloadVersion } from './unload.ts'

export { type KubernetesSettings, parseKubernetesSettings } from './settings.ts'

export interface KubernetesTargetOptions extends Pick<ApiOptions, 'attempts' | 'pauseSeconds'> {
  /** In place of what the kubeconfig says. */
  readonly connection?: Connection
  /** Seconds between two looks at a rollout. Default 1. */
  readonly pollSeconds?: number
  /** Told what a split by numbers of pods comes to: `news: 1 gets 90.0 % (9 pods), 2 gets 10.0 % (1 pod)`. */
  readonly onNote?: (text: string) => void
}

/**
 * Deploys to a namespace of Kubernetes: a Service a model, a Deployment a version. What must be remembered, traffic and
 * rollout, is in the annotations of the model's Service, and is changed under its resourceVersion.
 */
export function kubernetesTarget(
  settings: KubernetesSettings,
  options: KubernetesTargetOptions = {},
): Target & AsyncDisposable {
  const { pollSeconds = 1, attempts, pauseSeconds, onNote } = options
  let opened: Promise<Connection> | undefined

  async function open(signal?: AbortSignal): Promise<KubernetesApi> {
    const kubeconfig: KubeconfigSettings = {
      ...(settings.kubeconfig && { kubeconfig: settings.kubeconfig }),
      ...(settings.context && { context: settings.context }),
    }
    opened ??= options.connection ? Promise.resolve(options.connection) : connect(kubeconfig)
    const connection = await opened.catch(error => {
      opened = undefined
      throw error
    })
    return new KubernetesApi(connection, { namespace: settings.namespace, attempts, pauseSeconds, signal })
  }

  return {
    name: 'kubernetes',
    can: {
      canary: true,
      shadow: settings.gateway?.mirror === true,
      measure: settings.prometheusUrl === undefined ? [] : ['errorRate', 'p99'],
    },
    async observe(signal) {
      const found = await findModels(await open(signal), settings)
      const models = [...found].map(([model, each]): [string, ObservedModel] => [
        model,
        readModel(settings, model, each),
      ])
      return { models: Object.fromEntries(models) }
    },
    async apply(step, { observed, source, signal }) {
      const cluster = { api: await open(signal), settings, pollSeconds, onNote }
      if (step.do === 'load') return loadVersion(cluster, step, source, observed)
      if (step.do === 'shift') return shiftTraffic(cluster, step, observed)
      if (step.do === 'shadow') return shadowVersion(cluster, step, observed)
      if (step.do === 'retire') return retireModel(cluster, step)
      return unloadVersion(cluster, step)
    },
    async ask(model, version, texts) {
      return askVersion(await open(), model, version, texts)
    },
    async measure(model, version, window) {
      return measureVersion(settings.prometheusUrl, model, version, window)
    },
    // Connections are made for each request: nothing stays open.
    async [Symbol.asyncDispose]() {},
  }
}
