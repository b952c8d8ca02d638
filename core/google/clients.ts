import { createRequire } from 'node:module'
import { messageOf, PressroomError } from '../errors.ts'
import { packageMissing } from '../optional-package.ts'
import { shorten } from '../report/shorten.ts'
import type { GoogleEndpoint } from './endpoint.ts'

/** What is used of google-gax, the library under every Google client. */
interface Gax {
  readonly GoogleAuth: new (options: { readonly scopes: string }) => GoogleAuth
  readonly googleAuthLibrary: { readonly PassThroughClient: new () => unknown }
  readonly grpc: { readonly credentials: { createInsecure(): unknown } }
}

interface GoogleAuth {
  getClient(): Promise<unknown>
  /** Headers, or an object in releases before 10. */
  getRequestHeaders(url: string): Promise<Headers | Record<string, string>>
  getIdTokenClient(
    audience: string,
  ): Promise<{ getRequestHeaders(): Promise<Headers | Record<string, string>> }>
  getProjectId(): Promise<string>
}

/** What every official client has. */
interface OfficialClient {
  close(): Promise<void>
}

/** The official clients of one Google API, all with the same endpoint and credentials. */
export interface GoogleClients extends AsyncDisposable {
  /**
   * The client of a service, made when it is first asked for.
   * @param service as the package names it: `PipelineService`
   */
  of<C extends object>(service: string): C
  /** The project that the credentials or the environment name, or undefined. */
  defaultProject(): Promise<string | undefined>
  /** The headers by which another Google API knows who asks; none where there are no credentials. */
  headers(url: string): Promise<Headers>
  /**
   * The headers by which a service of ours on Cloud Run knows who asks: an identity token for that service.
   * @param audience the service's address
   * @throws PressroomError `not-signed-in` for credentials that give no such token, as a person's own do not
   */
  identity(audience: string): Promise<Headers>
}

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'

/**
 * Loads an official client library, and finds the credentials: application default credentials, which the library looks
 * for itself. On a plaintext endpoint no credentials are looked for, and none are sent.
 * @param name of the package: `@google-cloud/aiplatform`
 * @param version of the API. Default `v1`.
 * @throws PressroomError `package-missing`; `not-signed-in` when there are no credentials
 */
export async function openGoogleClients(
  name: string,
  endpoint: GoogleEndpoint,
  version = 'v1',
): Promise<GoogleClients> {
  const { host, port, plaintext } = endpoint
  const load = requireOf(name)
  const gax = load.library<Gax>('google-gax')
  // Found before any client is made: one without credentials ends the process by a rejection that nobody can catch.
  const auth = plaintext ? undefined : new gax.GoogleAuth({ scopes: SCOPE })
  await auth?.getClient().catch(cause => {
    throw withoutCredentials(cause)
  })
  const options = {
    apiEndpoint: host,
    port,
    ...(auth === undefined
      ? {
          sslCreds: gax.grpc.credentials.createInsecure(),
          authClient: new gax.googleAuthLibrary.PassThroughClient(),
        }
      : { auth }),
  }
  const made = new Map<string, OfficialClient>()
  return {
    of<C extends object>(service: string): C {
      const client = made.get(service) ?? new (load.client(service, version))(options)
      made.set(service, client)
      return client as OfficialClient & C
    },
    identity: async audience => {
      const client = await auth?.getIdTokenClient(audience).catch(cause => {
        throw new PressroomError('not-signed-in', 'these credentials give no identity token', {
          fix: 'run as a service account; a person may impersonate one: gcloud auth application-default login --impersonate-service-account ACCOUNT',
          cause,
        })
      })
      return new Headers(await client?.getRequestHeaders())
    },
    headers: async url => new Headers(await auth?.getRequestHeaders(url)),
    defaultProject: async () => auth?.getProjectId().catch(() => undefined),
    async [Symbol.asyncDispose]() {
      await Promise.all([...made.values()].map(client => client.close()))
    },
  }
}

/** Ways into an optional package, which must not be resolved when this file is checked or bundled. */
function requireOf(name: string) {
  const here = createRequire(import.meta.url)
  function found<T>(act: () => T): T {
    try {
      return act()
    } catch (cause) {
      throw packageMissing(name, cause, { use: 'Google Cloud is spoken to with it' })
    }
  }
  return {
    /** A dependency of the package, the one that the package itself uses: gRPC's objects do not mix between copies. */
    library: <T>(dependency: string): T =>
      found(() => createRequire(here.resolve(`${name}/package.json`))(dependency) as T),
    /** Loaded by its own file: the package's entry loads every service in every version, which takes three times as long. */
    client(service: string, version: string): new (options: object) => OfficialClient {
      const exported = found(() => here(`${name}/${clientFile(service, version)}`))
      return exported[`${service}Client`]
    },
  }
}

/** Where an official package has the client of one service: `build/src/v1/endpoint_service_client.js`. */
export function clientFile(service: string, version: string): string {
  const file = service.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase()
  return `build/src/${version}/${file}_client.js`
}

function withoutCredentials(cause: unknown): PressroomError {
  const message = messageOf(cause)
  // A parser quotes what it cannot read, which here may be a part of a key.
  const said = /JSON/.test(message) ? 'the file of credentials is not JSON' : shorten(message, 200)
  return new PressroomError('not-signed-in', 'no Google credentials can be used', {
    where: /default credentials/.test(message)
      ? 'neither GOOGLE_APPLICATION_CREDENTIALS nor gcloud nor the machine gives any'
      : said,
    fix: 'gcloud auth application-default login; in CI, set GOOGLE_APPLICATION_CREDENTIALS',
    cause,
  })
}
