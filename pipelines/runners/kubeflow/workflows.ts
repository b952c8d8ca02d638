import { aString, type Decoded, listOf, maybe, objectWith, recordOf } from '../../../core/decode.ts'
import type { PodFault } from '../../../core/kubernetes/pods.ts'
import { shorten } from '../../../core/report/shorten.ts'

/** An Argo workflow, as far as it is read here (`argoproj.io/v1alpha1`, `pkg/apis/workflow/v1alpha1/workflow_types.go`). */
const aWorkflow = objectWith({
  status: maybe(
    objectWith({
      nodes: maybe(
        recordOf(objectWith({ displayName: maybe(aString), phase: maybe(aString), message: maybe(aString) })),
      ),
    }),
  ),
})

export const aWorkflowList = objectWith({ items: listOf(aWorkflow) })

/**
 * What keeps a workflow's pods from being made at all: no pod tells of a quota that is used up, or of an admission that
 * refuses it; Argo tries again for ever, and says why in its node.
 */
export function waitsOf({ status }: Decoded<typeof aWorkflow>): PodFault[] {
  return Object.values(status?.nodes ?? {}).flatMap(({ displayName = '', phase, message = '' }) => {
    if (phase !== 'Pending' || !/forbidden|exceeded quota|denied the request/.test(message)) return []
    const quota = message.includes('exceeded quota')
    return {
      pod: displayName,
      what: `its pod cannot be made: ${shorten(message, 400)}`,
      fix: quota
        ? 'free or raise the quota of the namespace, or ask for less'
        : "correct the task's settings, or what the cluster admits",
      // Quotas are freed when other runs end.
      patienceSeconds: quota ? 900 : 120,
    }
  })
}
