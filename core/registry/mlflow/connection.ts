import { PressroomError } from '../../errors.ts'

/** How a request says who asks. */
type MlflowAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'token'; readonly token: string }

/** A tracking server and the way to it. */
export interface MlflowConnection {
  /** Where it is, without `/api/…` and without a slash at its end. */
  readonly endpoint: string
  readonly auth: MlflowAuth
  /** For a server behind Google's sign-in: what its ID tokens are made out to. */
  readonly googleAudience: string | undefined
  /** For a server with workspaces. */
  readonly workspace: string | undefined
  /** The run that this process belongs to, as Kubeflow's MLflow plugin and `mlflow run` name it. */
  readonly runId: string | undefined
  /** Tries of a request that may be repeated. Default 6: over some 25 s at the default pause. */
  readonly attempts?: number
  /** Seconds before the second try, doubled for each next one, up to 20. Default 1. */
  readonly pauseSeconds?: number
  /** Seconds that one request may take; an upload or a download gets more by its size. Default 60. */
  readonly timeoutSeconds?: number
  /** Seconds after which whoever waits for an answer is told so. Default 2. */
  readonly tellAfterSeconds?: number
}

/**
 * Reads a server's address and, from MLflow's own variables, how to sign in: MLFLOW_TRACKING_USERNAME with
 * MLFLOW_TRACKING_PASSWORD, else MLFLOW_TRACKING_TOKEN, in the order of MLflow's client; and
 * PRESSROOM_MLFLOW_AUDIENCE for a server behind Google's sign-in.
 * @throws PressroomError `usage` for what is no address; `invalid-setting` for half a sign-in or what no header can hold
 */
export function readConnection(location: string, env: NodeJS.ProcessEnv = process.env): MlflowConnection {
  return {
    endpoint: parseServer(location),
    auth: readAuth(env),
    googleAudience: header(env, 'PRESSROOM_MLFLOW_AUDIENCE'),
    workspace: header(env, 'MLFLOW_WORKSPACE'),
    runId: runIdOf(env),
  }
}

/** @throws PressroomError `usage`; the text is not repeated where it may hold a password. */
function parseServer(location: string): string {
  const url = URL.parse(location)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new PressroomError('usage', 'the address of the MLflow server is not an http or https address', {
      fix: 'for example https://mlflow.example or http://localhost:5000',
    })
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new PressroomError('usage', `the address of ${url.host} holds more than an address`, {
      fix: 'put a user and password into MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, and leave out ? and #',
    })
  }
  return url.href.replace(/\/+$/, '')
}

function readAuth(env: NodeJS.ProcessEnv): MlflowAuth {
  const user = env.MLFLOW_TRACKING_USERNAME || undefined
  const password = env.MLFLOW_TRACKING_PASSWORD || undefined
  if (user !== undefined && password !== undefined) return { kind: 'basic', user, password }
  if (user !== undefined || password !== undefined) {
    const missing = user === undefined ? 'MLFLOW_TRACKING_USERNAME' : 'MLFLOW_TRACKING_PASSWORD'
    throw new PressroomError('invalid-setting', `${missing} is not set`, {
      fix: 'set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or neither',
    })
  }
  const token = header(env, 'MLFLOW_TRACKING_TOKEN')
  return token === undefined ? { kind: 'none' } : { kind: 'token', token }
}

/** fetch's own complaint about a header would quote it, and with it the secret. */
function header(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = env[name]?.trim()
  if (!value) return undefined
  if (/^[\x20-\x7e]+$/.test(value)) return value
  throw new PressroomError('invalid-setting', `${name} holds a character that no header can carry`)
}

function runIdOf({ MLFLOW_RUN_ID: id }: NodeJS.ProcessEnv): string | undefined {
  if (!id) return undefined
  if (/^[\w-]+$/.test(id)) return id
  throw new PressroomError('invalid-setting', 'MLFLOW_RUN_ID is not the id of a run')
}
