import { PressroomError } from '../../errors.ts'
import { optionalPackage } from '../../optional-package.ts'
import type { MlflowConnection } from './connection.ts'

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

/**
 * ID tokens from application default credentials, by the library that Google's storage client brings; it keeps one until
 * it is about to expire.
 */
async function idTokens(audience: string): Promise<() => Promise<string>> {
  const load = () => import('@google-cloud/storage')
  const use = 'Google ID tokens are made with what it brings'
  const { Storage } = await optionalPackage('@google-cloud/storage', load, { use })
  const auth = new Storage().authClient
  let client: Awaited<ReturnType<typeof auth.getIdTokenClient>> | undefined
  return async () => {
    try {
      client ??= await auth.getIdTokenClient(audience)
      const { Authorization } = await client.getRequestHeaders()
      if (Authorization) return Authorization
      throw new Error('the library gave no token')
    } catch (cause) {
      throw new PressroomError('not-signed-in', 'no Google ID token can be had', {
        where: 'PRESSROOM_MLFLOW_AUDIENCE asks for one',
        fix: 'run as a service account, or name its key file in GOOGLE_APPLICATION_CREDENTIALS; users have none for services',
        cause,
      })
    }
  }
}
