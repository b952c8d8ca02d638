import { PressroomError, systemCode } from '../errors.ts'

const WRITE_FIXES: Readonly<Record<string, string>> = {
  EACCES: 'give this user the right to write there, or name another place',
  EPERM: 'give this user the right to write there, or name another place',
  EROFS: 'the file system is read-only; name another place',
  ENOSPC: 'the disk is full; free some space or name another place',
  EDQUOT: 'the disk quota is used up; free some space or name another place',
  ENOTDIR: 'a part of that path is a file, not a folder; name another place',
  EEXIST: 'something of another kind already has that name; move it or name another place',
  EISDIR: 'a folder already has that name; move it or name another place',
  ENOTEMPTY: 'another process keeps writing there; wait for it or name another place',
  ENAMETOOLONG: 'use a shorter name',
}

/**
 * What a failed write tells a person: `not-writable` with the path and a remedy for the file system's known refusals.
 * Any other error comes back as it is.
 */
export function writeFailure(error: unknown, path: string): unknown {
  const code = systemCode(error)
  const fix = code === undefined ? undefined : WRITE_FIXES[code]
  if (fix === undefined) return error
  return new PressroomError('not-writable', `cannot write ${path} (${code})`, { fix, cause: error })
}

/**
 * What a failed read tells a person: `file-not-found`, `not-a-file` or `not-readable` with the path.
 * Any other error comes back as it is.
 */
export function readFailure(error: unknown, path: string): unknown {
  switch (systemCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new PressroomError('file-not-found', `no such file: ${path}`, {
        fix: 'check the path; relative ones start at the current folder',
        cause: error,
      })
    case 'EISDIR':
      return new PressroomError('not-a-file', `${path} is a folder`, { fix: 'name a file', cause: error })
    case 'EACCES':
    case 'EPERM':
      return new PressroomError('not-readable', `cannot read ${path}: permission denied`, {
        fix: 'give this user the right to read it',
        cause: error,
      })
    default:
      return error
  }
}
