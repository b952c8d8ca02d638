import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PressroomError } from '../errors.ts'
import { pathOfFileUrl } from '../storage/file-url.ts'
import type { Registry, RegistryOptions } from './types.ts'

/**
 * Where the registry is: as given, else as the environment says, else `.pressroom/registry` in the current folder.
 */
export function registryLocation(given?: string, env: NodeJS.ProcessEnv = process.env): string {
  return given ?? registryOfEnvironment(env) ?? '.pressroom/registry'
}

/**
 * The registry that the environment names: PRESSROOM_REGISTRY, else MLFLOW_TRACKING_URI where it is the address of a
 * server. Its other forms (a folder, a database) are for MLflow's own client on one machine.
 */
export function registryOfEnvironment(env: NodeJS.ProcessEnv): string | undefined {
  if (env.PRESSROOM_REGISTRY) return env.PRESSROOM_REGISTRY
  return isServer(env.MLFLOW_TRACKING_URI ?? '') ? env.MLFLOW_TRACKING_URI : undefined
}

/**
 * Opens the registry at a folder, as a path or `file:` URL, which is made when it is not there; or that of the MLflow
 * server at an `http:` or `https:` address, of which nothing is asked yet.
 * @throws PressroomError `usage` for another kind of location; `registry-damaged`, `not-writable`, `folder-locked`;
 * `invalid-setting` for a sign-in that cannot be meant.
 */
export async function openRegistry(location: string, options: RegistryOptions = {}): Promise<Registry> {
  if (!isServer(location)) return openFolder(folderOf(location), options)
  return (await import('./mlflow/registry.ts')).openMlflow(location, options)
}

async function openFolder(folder: string, { onNew }: RegistryOptions): Promise<Registry> {
  const { DATABASE, openEmbedded } = await import('./embedded.ts')
  const isNew = onNew !== undefined && !existsSync(join(folder, DATABASE))
  const registry = await openEmbedded(folder)
  if (isNew) onNew(`there was no registry in ${registry.location}: a new, empty one was made`)
  return registry
}

function isServer(location: string): boolean {
  return /^https?:/i.test(location)
}

function folderOf(location: string): string {
  if (location === '')
    throw new PressroomError('usage', 'the registry has no location', {
      fix: 'name a folder, or the address of an MLflow server',
    })
  const [, scheme] = /^([a-z][a-z0-9+.-]+):/i.exec(location) ?? []
  if (scheme === undefined) return location
  if (scheme === 'file') return pathOfFileUrl(location)
  // Not the whole location: a URL may hold a password.
  throw new PressroomError('usage', `a registry at ${scheme}: cannot be opened`, {
    fix: 'name a folder, .pressroom/registry for example, or the http or https address of an MLflow server',
  })
}
