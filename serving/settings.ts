import { PressroomError } from '../core/errors.ts'
import type { Runtime } from '../core/model/index.ts'
import { pathOfFileUrl } from '../core/storage/file-url.ts'
import { isRemote } from '../core/storage/remote.ts'

/** A model folder to serve, and the name and version that its answers carry. */
export interface FolderToServe {
  readonly name: string
  readonly version: string
  /** A path, or an address in a bucket, from which it is copied before it is loaded. */
  readonly folder: string
}

/** Everything the service must be told. */
export interface ServeSettings {
  readonly models: readonly FolderToServe[]
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly healthRoute?: string
  readonly predictRoute?: string
  /** What computes forests, networks and kernel machines. Default `pressroom`. */
  readonly runtime?: Runtime
}

/** What a person wrote on the command line; nothing of it is parsed yet. */
export interface ServeFlags {
  /** `folder`, `name=folder` or `name@version=folder` each. */
  readonly models?: readonly string[]
  readonly host?: string
  readonly port?: string
  readonly runtime?: string
}

const DEFAULT_PORT = 8080

/**
 * Settings of the service: flags, else the environment, else defaults.
 *
 * The environment is that of a Vertex AI custom container (AIP_HTTP_PORT, AIP_HEALTH_ROUTE, AIP_PREDICT_ROUTE,
 * AIP_STORAGE_URI), of Cloud Run (PORT) and our own (PRESSROOM_MODEL, PRESSROOM_MODEL_NAME and PRESSROOM_MODEL_VERSION for what
 * AIP_STORAGE_URI names, PRESSROOM_HOST, PRESSROOM_PORT, PRESSROOM_RUNTIME). A platform that names the port sends its
 * requests from outside the container, so the host is then 0.0.0.0; everywhere else it is 127.0.0.1.
 * @throws PressroomError `invalid-setting`
 */
export function parseServeSettings(
  flags: ServeFlags,
  env: Readonly<Record<string, string | undefined>>,
): ServeSettings {
  const [portName, port] = first([
    ['--port', flags.port],
    ['PRESSROOM_PORT', env.PRESSROOM_PORT],
    ['AIP_HTTP_PORT', env.AIP_HTTP_PORT],
    ['PORT', env.PORT],
  ]) ?? ['', String(DEFAULT_PORT)]
  const [, host] = first([
    ['--host', flags.host],
    ['PRESSROOM_HOST', env.PRESSROOM_HOST],
  ]) ?? ['', env.AIP_HTTP_PORT || env.PORT ? '0.0.0.0' : '127.0.0.1']
  return {
    models: parseModels(flags, env),
    host,
    port: parsePort(port, portName),
    ...parseRoute('healthRoute', 'AIP_HEALTH_ROUTE', env),
    ...parseRoute('predictRoute', 'AIP_PREDICT_ROUTE', env),
    ...parseRuntime(flags, env),
  }
}

/** The first that is given. A platform leaves a variable that it has no value for empty. */
function first(candidates: readonly (readonly [string, string | undefined])[]) {
  return candidates.find((pair): pair is readonly [string, string] => pair[1] !== undefined && pair[1] !== '')
}

function parsePort(text: string, name: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw new PressroomError('invalid-setting', `${name} is "${text}", which is not a port`, {
    fix: 'give a number from 0 to 65535; 0 takes a free port',
  })
}

const RUNTIMES: readonly Runtime[] = ['pressroom', 'onnxruntime']

function parseRuntime(
  flags: ServeFlags,
  env: Readonly<Record<string, string | undefined>>,
): { readonly runtime?: Runtime } {
  const given = first([
    ['--runtime', flags.runtime],
    ['PRESSROOM_RUNTIME', env.PRESSROOM_RUNTIME],
  ])
  if (given === undefined) return {}
  const [name, value] = given
  const runtime = RUNTIMES.find(known => known === value)
  if (runtime !== undefined) return { runtime }
  throw new PressroomError('invalid-setting', `${name} is "${value}", which is no runtime`, {
    fix: `give one of: ${RUNTIMES.join(', ')}`,
  })
}

function parseRoute<K extends 'healthRoute' | 'predictRoute'>(
  key: K,
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): { readonly [P in K]?: string } {
  const route = env[name]
  if (route === undefined || route === '') return {}
  if (!/^\/[\w\-./:~]*$/.test(route)) {
    throw new PressroomError('invalid-setting', `${name} is "${route}", which is not a path`, {
      fix: 'begin it with / and use letters, digits and - _ . ~ : only',
    })
  }
  return { [key]: route } as { readonly [P in K]?: string }
}

function parseModels(
  flags: ServeFlags,
  env: Readonly<Record<string, string | undefined>>,
): readonly FolderToServe[] {
  if (flags.models !== undefined && flags.models.length > 0) return flags.models.map(parseModel)
  const uri = env.AIP_STORAGE_URI
  if (uri) {
    // The platform says where the files are; the deployer says what they are called.
    const { PRESSROOM_MODEL_NAME: name, PRESSROOM_MODEL_VERSION: version } = env
    return [{ name: name || 'model', version: version || '1', folder: parseStorageUri(uri) }]
  }
  return env.PRESSROOM_MODEL ? [parseModel(env.PRESSROOM_MODEL)] : []
}

/** `folder`, `name=folder` or `name@version=folder`. */
function parseModel(text: string): FolderToServe {
  const [, name = 'model', version = '1', folder] =
    /^(?:([A-Za-z0-9_-]+)(?:@([A-Za-z0-9_.-]+))?=)?(.+)$/s.exec(text) ?? []
  if (folder !== undefined) return { name, version, folder }
  throw new PressroomError('invalid-setting', `"${text}" names no model folder`, {
    fix: 'give folder, name=folder or name@version=folder',
  })
}

function parseStorageUri(uri: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1]?.toLowerCase()
  if (scheme === undefined) return uri
  if (scheme === 'file') return pathOfFileUrl(uri)
  if (isRemote(uri)) return uri
  throw new PressroomError(
    'invalid-setting',
    `AIP_STORAGE_URI is ${uri}, and ${scheme}:// is no place for a model`,
    {
      fix: 'give gs://, s3://, file:// or a path',
    },
  )
}
