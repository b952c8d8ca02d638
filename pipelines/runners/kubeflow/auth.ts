import { readFile } from 'node:fs/promises'
import { PressroomError } from '../../../core/errors.ts'

/** Who asks. What is given is sent; several may be. */
export interface KubeflowAuth {
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string
  /** A file that holds the token. It is read anew for each request: Kubernetes renews projected tokens in place. */
  readonly tokenFile?: string
  /** A session's cookie as the browser shows it, `authservice_session=…`. */
  readonly cookie?: string
  /** The user, for a deployment whose gateway trusts a header. */
  readonly userId?: string
  /** That header's name. Default `kubeflow-userid`, as Kubeflow's manifests set it. */
  readonly userIdHeader?: string
}

/**
 * The headers that carry it.
 * @throws PressroomError `not-readable` when the token file cannot be read, `invalid-setting` for what no header can hold
 */
export async function authHeaders(auth: KubeflowAuth): Promise<Record<string, string>> {
  const token = auth.token ?? (auth.tokenFile === undefined ? undefined : await readToken(auth.tokenFile))
  return {
    ...(token !== undefined && { authorization: `Bearer ${headerText('token', token)}` }),
    ...(auth.cookie !== undefined && { cookie: headerText('cookie', auth.cookie) }),
    ...(auth.userId !== undefined && {
      [auth.userIdHeader ?? 'kubeflow-userid']: headerText('user id', auth.userId),
    }),
  }
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (cause) {
    throw new PressroomError('not-readable', `cannot read the service account's token in ${file}`, {
      fix: 'mount a projected token with the audience pipelines.kubeflow.org, or give another way to sign in',
      cause,
    })
  }
}

/** fetch's own complaint about a header would quote it, and with it the secret. */
function headerText(what: string, value: string): string {
  if (/^[\x20-\x7e]+$/.test(value)) return value
  throw new PressroomError(
    'invalid-setting',
    `the ${what} is empty or holds a line break or another character no header can carry`,
  )
}
