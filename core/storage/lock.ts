import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PressroomError } from '../errors.ts'
import { writeFailure } from './failures.ts'

/** SQLite's result codes (sqlite.org/rescode.html); the low byte is the primary code. */
const SQLITE_BUSY = 5
/** Two processes that start together can each see the other's passing read lock; one of them gets through within this. */
const RACE_MS = 100

/**
 * Holds a folder for this process until disposed; the folder is made when missing. The lock is the operating system's, on the
 * SQLite file `<folder>/<name>.lock`, so that it ends with its holder however that ends. `<name>.pid` beside it only
 * tells others whom to wait for.
 *
 * POSIX drops a process's locks on a file when it closes any descriptor of it: nothing else may open the `.lock` file.
 * @throws PressroomError `folder-locked` at once when it is held, by this process too; `not-writable`.
 */
export async function lockFolder(folder: string, name: string): Promise<AsyncDisposable> {
  const pidFile = join(folder, `${name}.pid`)
  await mkdir(folder, { recursive: true }).catch(error => {
    throw writeFailure(error, folder)
  })
  const database = await takeLock(join(folder, `${name}.lock`), folder, pidFile)
  try {
    await writeFile(pidFile, `${process.pid}\n`)
  } catch (error) {
    database.close()
    throw writeFailure(error, pidFile)
  }
  return {
    async [Symbol.asyncDispose]() {
      if (!database.isOpen) return
      await rm(pidFile, { force: true })
      database.close()
    },
  }
}

async function takeLock(path: string, folder: string, pidFile: string): Promise<DatabaseSync> {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { timeout: RACE_MS })
    database.exec('BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database?.close()
    const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined
    if (code !== SQLITE_BUSY) {
      throw new PressroomError('not-writable', `cannot lock ${folder}: ${(error as Error).message}`, {
        fix: `give this user the right to write ${path}, or name another folder`,
        cause: error,
      })
    }
    const pid = (await readFile(pidFile, 'utf8').catch(() => '')).trim()
    throw new PressroomError('folder-locked', `another run is using ${folder}`, {
      where: pid === '' ? 'its process number is unknown' : `it is held by process ${pid}`,
      fix: 'wait until it ends, stop it, or name another folder',
      cause: error,
    })
  }
}
