import { fileURLToPath } from 'node:url'
import { PressroomError } from '../errors.ts'

/**
 * The path that a `file:` URL names.
 * @throws PressroomError `usage` for one on another machine, or whose escapes are no path's
 */
export function pathOfFileUrl(url: string): string {
  try {
    return fileURLToPath(url)
  } catch (cause) {
    throw new PressroomError('usage', `${url} is no path on this machine`, {
      fix: 'write file:/// and the whole path, or the path alone',
      cause,
    })
  }
}
