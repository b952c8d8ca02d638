import { fileURLToPath } from 'node:url'
import { PressroomError } from '../errors.ts'
import { openEmbedded } from './embedded.ts'
import type { Registry } from './types.ts'

/**
 * Where the registry is: as given, else PRESSROOM_REGISTRY, else `.pressroom/registry` in the current folder.
 */
export function registryLocation(given?: string, env: NodeJS.ProcessEnv = process.env): string {
  return given ?? (env.PRESSROOM_REGISTRY || '.pressroom/registry')
}

/**
 * Opens the registry at a folder, as a path or `file:` URL; it is made when it is not there.
 * @throws PressroomError `usage` for another kind of location; `registry-damaged`, `not-writable`, `folder-locked`.
 */
export async function openRegistry(location: string): Promise<Registry> {
  return openEmbedded(folderOf(location))
}

function folderOf(location: string): string {
  if (location === '')
    throw new PressroomError('usage', 'the registry has no location', { fix: 'name a folder' })
  const [, scheme] = /^([a-z][a-z0-9+.-]+):/i.exec(location) ?? []
  if (scheme === undefined) return location
  if (scheme === 'file') {
    try {
      return fileURLToPath(location)
    } catch (cause) {
      throw new PressroomError('usage', `${location} is not a folder on this machine`, {
        fix: 'write file:/// and the whole path, or the path alone',
        cause,
      })
    }
  }
  // Not the whole location: a URL may hold a password.
  throw new PressroomError('usage', `a registry at ${scheme}: cannot be opened`, {
    where: 'an MLflow server as the registry comes with a later release',
    fix: 'name a folder, .pressroom/registry for example',
  })
}
