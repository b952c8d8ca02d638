import { aCount, aString, type Decoded, listOf, maybe, objectWith, recordOf } from '../decode.ts'
import { shorten } from '../report/shorten.ts'

const aContainerStatus = objectWith({
  name: aString,
  image: maybe(aString),
  state: maybe(
    objectWith({
      waiting: maybe(objectWith({ reason: maybe(aString), message: maybe(aString) })),
      terminated: maybe(objectWith({ exitCode: aCount, reason: maybe(aString), message: maybe(aString) })),
    }),
  ),
})

/** A Kubernetes pod, as far as it is read here (`core/v1`). */
export const aPod = objectWith({
  metadata: objectWith({ name: aString, annotations: maybe(recordOf(aString)) }),
  status: objectWith({
    phase: maybe(aString),
    reason: maybe(aString),
    message: maybe(aString),
    conditions: maybe(
      listOf(objectWith({ type: aString, status: aString, reason: maybe(aString), message: maybe(aString) })),
    ),
    initContainerStatuses: maybe(listOf(aContainerStatus)),
    containerStatuses: maybe(listOf(aContainerStatus)),
  }),
})

/** An event about a pod: some failures are told only there. */
export const aPodEvent = objectWith({ reason: maybe(aString), message: maybe(aString) })

export type Pod = Decoded<typeof aPod>
export type PodEvent = Decoded<typeof aPodEvent>

/** Why a pod does not run, or did not end well. */
export interface PodFault {
  readonly pod: string
  readonly what: string
  readonly fix: string
  /**
   * How long the same fault must be seen before it counts as lasting, in seconds; 0 for a pod that has ended. Registries
   * have outages, secrets come a moment late, autoscalers need minutes for a node.
   */
  readonly patienceSeconds: number
}

/**
 * What keeps a pod from starting, or ended it; undefined for one that is well, still starting, or ended by itself.
 * @param events those about the pod
 */
export function diagnosePod(pod: Pod, events: readonly PodEvent[] = []): PodFault | undefined {
  const found = ended(pod) ?? waiting(pod, events) ?? unscheduled(pod)
  return found && { pod: pod.metadata.name, ...found, what: shorten(found.what, 400) }
}

type Found = Omit<PodFault, 'pod'>

function ended({ status }: Pod): Found | undefined {
  if (status.reason === 'DeadlineExceeded') {
    return {
      what: 'it ran longer than its deadline allows',
      fix: "raise the task's time-out",
      patienceSeconds: 0,
    }
  }
  if (status.reason === 'Evicted') {
    return {
      what: `it was evicted: ${status.message ?? ''}`,
      fix: 'request the memory and disk it needs',
      patienceSeconds: 0,
    }
  }
  for (const { state } of containers(status)) {
    if (state?.terminated?.reason === 'OOMKilled') {
      return {
        what: 'it used more memory than its limit (OOMKilled)',
        fix: "raise the task's memory limit",
        patienceSeconds: 0,
      }
    }
    if (state?.terminated?.reason === 'StartError') {
      return {
        what: `its command cannot be started: ${lastClause(state.terminated.message)}`,
        fix: "correct the component's command; it must exist in the image",
        patienceSeconds: 0,
      }
    }
  }
  return undefined
}

function waiting({ status }: Pod, events: readonly PodEvent[]): Found | undefined {
  for (const { name, state } of containers(status)) {
    const { reason, message = '' } = state?.waiting ?? {}
    if (reason === 'InvalidImageName') {
      return {
        what: `${message || 'its image has no valid name'}`,
        fix: "correct the component's image",
        patienceSeconds: 15,
      }
    }
    if (reason === 'ImagePullBackOff' || reason === 'ErrImagePull' || reason === 'ErrImageNeverPull') {
      return {
        what: `its image cannot be pulled: ${message.replace(/^Back-off pulling image /, '')}`,
        fix: 'push the image, correct its name, or set a pull secret',
        patienceSeconds: 120,
      }
    }
    if (reason === 'CreateContainerConfigError' || reason === 'CreateContainerError') {
      return {
        what: `container ${name} cannot be made: ${message}`,
        fix: fixOfConfig(message),
        patienceSeconds: 60,
      }
    }
    const unmounted = events.findLast(
      event => event.reason === 'FailedMount' || event.reason === 'FailedAttachVolume',
    )
    if ((reason === 'ContainerCreating' || reason === 'PodInitializing') && unmounted !== undefined) {
      return {
        what: unmounted.message ?? 'a volume cannot be mounted',
        fix: fixOfConfig(unmounted.message ?? ''),
        patienceSeconds: 120,
      }
    }
  }
  return undefined
}

function unscheduled({ status }: Pod): Found | undefined {
  const condition = (status.conditions ?? []).find(
    ({ type, status: holds }) => type === 'PodScheduled' && holds === 'False',
  )
  if (condition?.reason !== 'Unschedulable') return undefined
  const message = (condition.message ?? '').replace(/ (no new claims to deallocate, )?preemption:.*$/s, '')
  return {
    what: `no node takes it: ${message}`,
    fix: /Insufficient/.test(message)
      ? 'ask for less, or add nodes that have it'
      : "correct the task's node selector, affinity and tolerations, or label a node",
    patienceSeconds: 900,
  }
}

function containers(status: Pod['status']) {
  return [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
}

function fixOfConfig(message: string): string {
  const [, kind, name] = /(secret|configmap) "([^"]+)" not found/.exec(message) ?? []
  if (kind !== undefined)
    return `create the ${kind === 'secret' ? 'secret' : 'config map'} "${name}" in the run's namespace, or correct its name in the pipeline`
  if (message.includes('runAsNonRoot'))
    return 'use an image with a user of its own, or set a user id in the security context'
  return 'correct what the message names, in the pipeline or in the cluster'
}

/** Container runtimes wrap the cause in clauses with colons; the last two say it. */
function lastClause(message = ''): string {
  return message.split(': ').slice(-3).join(': ')
}
