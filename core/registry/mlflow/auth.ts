import { createRequire } from 'node:module'
import { PressroomError } from '../../errors.ts'
import { packageMissing } from '../../optional-package.ts'
import type { MlflowConnection } from './connection.ts'

/** What is used of google-auth-library. */
interface GoogleAuthLibrary {
  readonly GoogleAuth: new () => {
    getIdTokenClient(audience: string): Promise<{
      getRequestHeaders(): Promise<Headers | Readonly<Record<string, string>>>
    }>
  }
}

/** Gives the headers by which a request says who asks, and for which workspace. */
export function authHeaders(connection: MlflowConnection): () => Promise<Record<string, string>> {
  const { auth, googleAudience, workspace } = connection
  const fixed: Record<string, string> = {
    ...(auth.kind === 'basic' && {
      authorization: `Basic ${Buffer.from(`${auth.user}:${auth.password}`).toString('base64')}`,
    }),
    ...(auth.kind === 'token' && { authorization: `Bearer ${auth.token}` }),
    ...(workspace !== undefined && { 'x-mlflow-workspace': workspace }),
  }
  if (googleAudience === undefined) return async () => fixed
  // Cloud Run reads this one in place of Authorization, which is then left to MLflow (cloud.google.com/run/docs/authenticating).
  const name = auth.kind === 'none' ? 'authorization' : 'x-serverless-authorization'
  let source: Promise<() => Promise<string>> | undefined
  return async () => {
    source ??= idTokens(googleAudience)
    return { ...fixed, [name]: await (await source)() }
  }
}

/** ID tokens from application default credentials; the library keeps one until it is about to expire. */
async function idTokens(audience: string): Promise<() => Promise<string>> {
  const { GoogleAuth } = loadLibrary()
  try {
    const client = await new GoogleAuth().getIdTokenClient(audience)
    return async () => {
      const headers = await client.getRequestHeaders()
      const value = headers instanceof Headers ? headers.get('authorization') : headers.Authorization
      if (!value) throw new Error('the library gave no token')
      return value
    }
  } catch (cause) {
    throw new PressroomError('not-signed-in', 'no Google ID token can be had', {
      where: 'PRESSROOM_MLFLOW_AUDIENCE asks for one',
      fix: 'run as a service account, or name its key file in GOOGLE_APPLICATION_CREDENTIALS; users have no ID tokens for services',
      cause,
    })
  }
}

/** The library comes with Google's storage client: it is no package of its own here. */
function loadLibrary(): GoogleAuthLibrary {
  const here = createRequire(import.meta.url)
  try {
    return createRequire(here.resolve('@google-cloud/storage'))('google-auth-library') as GoogleAuthLibrary
  } catch (cause) {
    throw packageMissing('@google-cloud/storage', cause, {
      use: 'Google ID tokens are made with what it brings',
    })
  }
}
