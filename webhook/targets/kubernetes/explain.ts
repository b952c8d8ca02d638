import { aString, type Decoded, listOf, objectWith, oneOf, orAbsent } from '../../../core/decode.ts'
import { PressroomError } from '../../../core/errors.ts'
import { shown } from '../../../core/object.ts'
import { shorten } from '../../../core/report/shorten.ts'

/** How Kubernetes says that something was refused (`meta/v1`, Status). */
const aStatus = objectWith({
  kind: oneOf('Status'),
  message: orAbsent(aString),
  reason: orAbsent(aString),
  details: orAbsent(
    objectWith({
      causes: orAbsent(
        listOf(
          objectWith({ reason: orAbsent(aString), message: orAbsent(aString), field: orAbsent(aString) }),
        ),
      ),
    }),
  ),
})

/** An error of Kubernetes itself; undefined for another body. */
function statusIn(body: unknown): Decoded<typeof aStatus> | undefined {
  try {
    return aStatus(body, 'it')
  } catch {
    return undefined
  }
}

/** Whether a body is an error of Kubernetes itself, of one reason where one is given. */
export function isStatus(body: unknown, reason?: string): boolean {
  const status = statusIn(body)
  return status !== undefined && (reason === undefined || status.reason === reason)
}

/** The fields that others own and an apply would change, and who: `conflict with "tool-a" using apps/v1`. */
export function conflicts(body: unknown): { readonly manager: string; readonly field: string }[] {
  const status = statusIn(body)
  if (status?.reason !== 'Conflict') return []
  return (status.details?.causes ?? [])
    .filter(cause => cause.reason === 'FieldManagerConflict')
    .map(({ message = '', field = '' }) => ({
      manager: /conflict with "([^"]+)"/.exec(message)?.[1] ?? message,
      field,
    }))
}

/** What a refusal means for a deployment, in one line, and what to do. */
export function refused(status: number, body: unknown, namespace: string): PressroomError {
  const told = statusIn(body)
  const said =
    told === undefined
      ? shorten(typeof body === 'string' ? body.trim() : shown(body), 200)
      : (told.message ?? '')
  const where = shorten(said.split('\n', 1).join(), 400) || `status ${status}`
  const managed = conflicts(body)
  if (managed.length > 0) {
    const managers = [...new Set(managed.map(({ manager }) => manager))].join(', ')
    return new PressroomError('deployment-failed', `${managers} manages fields that Pressroom sets`, {
      where: managed.map(({ manager, field }) => `${field} (${manager})`).join(', '),
      fix: `take these objects out of ${managers}, or deploy to another namespace than ${namespace}`,
    })
  }
  if (status === 409) {
    return new PressroomError('deployment-conflict', 'somebody else changed the object in the meantime', {
      where,
      fix: 'look again',
    })
  }
  if (status === 401) {
    return new PressroomError('not-signed-in', 'Kubernetes does not know who asks', {
      where,
      fix: 'sign in again: the token or certificate of the kubeconfig is not valid, or has expired',
    })
  }
  if (status === 403) return forbidden(where, namespace)
  if (status === 404 && said.startsWith(`namespaces "`)) {
    return new PressroomError('deployment-failed', `there is no namespace ${namespace}`, {
      where,
      fix: `kubectl create namespace ${namespace}, or name another one in the deployment file`,
    })
  }
  // An unknown group is plain text, an unknown kind of a known group a Status.
  if (status === 404 && (told === undefined || /could not find the requested resource/.test(said))) {
    return new PressroomError('deployment-failed', 'the cluster does not have this kind of object', {
      where,
      fix: 'autoscalers need Kubernetes 1.23; a gateway needs the Gateway API installed',
    })
  }
  return new PressroomError('deployment-failed', `Kubernetes refused it with status ${status}`, { where })
}

/** RBAC and quotas both answer 403; the message tells which. */
function forbidden(where: string, namespace: string): PressroomError {
  if (/exceeded quota/.test(where)) {
    return new PressroomError('deployment-failed', `the quota of namespace ${namespace} is used up`, {
      where,
      fix: `raise it, ask for fewer replicas, or see what uses it: kubectl -n ${namespace} describe quota`,
    })
  }
  const [, user, verb, resource, group] =
    /User "([^"]+)" cannot (\w+) resource "([^"]+)" in API group "([^"]*)"/.exec(where) ?? []
  if (verb === undefined) {
    return new PressroomError('deployment-failed', 'a policy of the cluster does not admit it', { where })
  }
  return new PressroomError('not-signed-in', `${user} may not ${verb} ${resource}`, {
    where,
    fix: `add the verb "${verb}" on "${resource}" of API group "${group}" to its Role; deploy/kubernetes/deployer.yaml has all`,
  })
}
