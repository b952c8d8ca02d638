import { PressroomError } from '../../../core/errors.ts'
import { diagnosePod, type Pod } from '../../../core/kubernetes/pods.ts'
import type { KubernetesApi } from './api.ts'
import { LABEL, labelOfVersion, nameOfModel, nameOfVersion } from './names.ts'
import { requireUnchanged, type Written } from './written.ts'

/** A Deployment, as far as it is read here (`apps/v1`). */
export interface DeploymentRecord {
  readonly metadata: {
    readonly name: string
    readonly generation?: number
    readonly deletionTimestamp?: string
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec: {
    readonly replicas?: number
    readonly template: {
      readonly metadata?: { readonly labels?: Readonly<Record<string, string>> }
      readonly spec?: { readonly containers?: readonly object[]; readonly initContainers?: readonly object[] }
    }
  }
  readonly status?: {
    readonly observedGeneration?: number
    readonly replicas?: number
    readonly updatedReplicas?: number
    readonly availableReplicas?: number
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason?: string
      readonly message?: string
    }[]
  }
}

/** How far a rollout is. */
export type Progress = 'ready' | 'waiting' | { readonly failed: string }

/**
 * Reads a Deployment's status. Before the controller has seen this generation, what it says is about an older one; and a bad
 * image over a good one stays Available, so that only Progressing tells.
 */
export function progressOf({ metadata, spec, status = {} }: DeploymentRecord): Progress {
  const { replicas = 1 } = spec
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 1)) return 'waiting'
  const { updatedReplicas = 0, availableReplicas = 0, conditions = [] } = status
  if (
    updatedReplicas >= replicas &&
    availableReplicas >= replicas &&
    (status.replicas ?? 0) <= updatedReplicas
  ) {
    return 'ready'
  }
  const found = (type: string, holds: string) =>
    conditions.find(each => each.type === type && each.status === holds)
  const refused = found('ReplicaFailure', 'True')
  if (refused !== undefined) return { failed: refused.message ?? 'its pods are refused' }
  const late = found('Progressing', 'False')
  if (late !== undefined) return { failed: late.message ?? 'it does not progress' }
  return 'waiting'
}

/**
 * Whether at least one pod answers. A status that is behind counts: each change of the number of pods makes a new generation, and a
 * version that an autoscaler has just changed is not lost.
 */
export function canAnswer({ metadata, status = {} }: DeploymentRecord): boolean {
  return (
    metadata.deletionTimestamp === undefined &&
    Math.min(status.updatedReplicas ?? 0, status.availableReplicas ?? 0) > 0
  )
}

/**
 * Waits until a version's pods are all there and ready.
 * @param written what was applied, and is waited for
 * @param readySeconds longest wait; the cluster's own deadline is the same
 * @param pollSeconds between two looks
 * @throws PressroomError `deployment-failed` with what keeps them from it, in one line; `deployment-conflict` as soon as somebody
 *   else has written another number of pods: what is waited for would never come
 */
export async function untilReady(
  api: KubernetesApi,
  written: Written,
  wait: {
    readonly readySeconds: number
    readonly pollSeconds: number
    /** Whether there are as many pods as are wanted, where an autoscaler makes them. Default: any number will do. */
    readonly enough?: (replicas: number) => boolean
  },
): Promise<void> {
  const { readySeconds, pollSeconds, enough = () => true } = wait
  const { model, version } = written
  const name = nameOfVersion(model, version)
  const faults = new Map<string, number>()
  // The controller's own deadline begins a moment later, and its word is the better one.
  const end = performance.now() + 1000 * (readySeconds + 30)
  for (;;) {
    const deployment = await api.get('Deployment', name)
    if (deployment === undefined || deployment.metadata.deletionTimestamp !== undefined) {
      throw failed(model, version, 'somebody deleted its Deployment', undefined)
    }
    const progress = progressOf(deployment)
    if (progress === 'ready' && enough(deployment.spec.replicas ?? 1)) return
    await requireUnchanged(api, written, deployment)
    const fault = await faultOf(api, model, version)
    if (typeof progress !== 'string')
      throw failed(model, version, fault?.what ?? progress.failed, fault?.fix ?? fixOf(progress.failed))
    if (fault !== undefined) {
      const since = faults.get(fault.what) ?? performance.now()
      faults.set(fault.what, since)
      if (performance.now() - since >= 1000 * Math.min(fault.patienceSeconds, readySeconds)) {
        throw failed(model, version, fault.what, fault.fix)
      }
    }
    if (performance.now() > end)
      throw failed(model, version, fault?.what ?? `it is not ready after ${readySeconds} s`, fault?.fix)
    await api.pause(pollSeconds)
  }
}

interface Fault {
  readonly what: string
  readonly fix: string
  readonly patienceSeconds: number
}

/** What keeps one of a version's pods from starting; events are read only when the pod itself does not tell. */
async function faultOf(api: KubernetesApi, model: string, version: string): Promise<Fault | undefined> {
  const labelSelector = `${LABEL.model}=${nameOfModel(model)},${LABEL.version}=${labelOfVersion(version)}`
  for (const pod of await api.list('Pod', { labelSelector })) {
    const containers = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])]
    const creating = containers.some(({ state }) => state?.waiting?.reason === 'ContainerCreating')
    const events = creating
      ? await api.list('Event', {
          labelSelector: '',
          fieldSelector: `involvedObject.name=${pod.metadata.name}`,
        })
      : []
    const fault = diagnosePod(pod, events) ?? crashing(containers)
    if (fault !== undefined) return { ...fault, fix: fixOf(fault.what) }
  }
  return undefined
}

function crashing(containers: Pod['status']['containerStatuses'] & object): Omit<Fault, 'fix'> | undefined {
  const found = containers.find(({ state }) => state?.waiting?.reason === 'CrashLoopBackOff')
  return found && { what: `container ${found.name} ends again and again`, patienceSeconds: 30 }
}

function fixOf(what: string): string {
  if (/quota/.test(what)) return 'raise the quota of the namespace, or ask for fewer replicas'
  if (/pulled|image/.test(what))
    return 'push the image, correct image in the deployment file, or set imagePullSecret'
  if (/node takes it/.test(what)) return 'ask for less in requests, correct nodeSelector, or add nodes'
  if (/secret|configmap/i.test(what))
    return 'create what is missing in the namespace, or correct its name in the deployment file'
  if (/again and again/.test(what)) return 'see why: kubectl logs --previous'
  return 'see the pods: kubectl describe pods -l app.kubernetes.io/managed-by=pressroom'
}

function failed(model: string, version: string, what: string, fix: string | undefined): PressroomError {
  return new PressroomError('deployment-failed', `${model} ${version} does not become ready: ${what}`, {
    fix,
  })
}
