import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PressroomError } from '../errors.ts'
import { writeFailure } from '../storage/failures.ts'
import { APPLICATION_ID, MIGRATIONS } from './schema.ts'

/** A change takes milliseconds; who waits this long for its turn waits for something that hangs. */
const BUSY_MS = 10_000

/** The registry's database. Both calls give SQLite's errors a person's words. */
export interface Database {
  read<T>(query: (db: DatabaseSync) => T): T
  /** One transaction: all of `change`, or nothing of it. */
  write<T>(change: (db: DatabaseSync) => T): T
  close(): void
}

/**
 * Opens the database and brings an older one to the present schema; a missing one is made, its folder too.
 * @throws PressroomError `registry-damaged`: not a registry, damaged, or of a newer Pressroom; `not-writable`; `folder-locked`.
 */
export async function openDatabase(path: string): Promise<Database> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true }).catch(error => {
    throw writeFailure(error, folder)
  })
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path, { timeout: BUSY_MS })
    prepare(db, path)
    return wrap(db, path)
  } catch (error) {
    db?.close()
    throw explain(error, path)
  }
}

function wrap(db: DatabaseSync, path: string): Database {
  const explained = <T>(action: () => T): T => {
    try {
      return action()
    } catch (error) {
      throw explain(error, path)
    }
  }
  return {
    read: query => explained(() => query(db)),
    write: change => explained(() => transaction(db, () => change(db))),
    close: () => {
      if (db.isOpen) db.close()
    },
  }
}

function transaction<T>(db: DatabaseSync, change: () => T): T {
  // Immediate: a transaction that begins as a reader cannot wait for its turn to write.
  db.exec('begin immediate')
  try {
    const result = change()
    db.exec('commit')
    return result
  } catch (error) {
    if (db.isTransaction) db.exec('rollback')
    throw error
  }
}

function prepare(db: DatabaseSync, path: string): void {
  if (schemaVersion(db, path) === MIGRATIONS.length) return
  // Readers and the one writer then do not wait for each other. It is kept in the file.
  db.exec('pragma journal_mode = wal')
  transaction(db, () => {
    // Another process may have done it meanwhile.
    const version = schemaVersion(db, path)
    for (const migration of MIGRATIONS.slice(version)) db.exec(migration)
    db.exec(`pragma application_id = ${APPLICATION_ID}; pragma user_version = ${MIGRATIONS.length}`)
  })
}

function schemaVersion(db: DatabaseSync, path: string): number {
  const { application, version, tables } = db
    .prepare(
      `select application_id as application, user_version as version, (select count(*) from sqlite_schema) as tables
       from pragma_application_id, pragma_user_version`,
    )
    .get() as { application: number; version: number; tables: number }
  if (application === 0 && tables === 0) return 0
  if (application !== APPLICATION_ID) {
    throw damaged(path, 'it is the database of another program', 'name another folder')
  }
  if (version > MIGRATIONS.length) {
    throw damaged(
      path,
      `its schema is version ${version}, this Pressroom knows up to ${MIGRATIONS.length}`,
      'update Pressroom, or name another folder',
    )
  }
  return version
}

/** By SQLite's primary result codes (sqlite.org/rescode.html). */
function explain(error: unknown, path: string): unknown {
  if (!(error instanceof Error && 'errcode' in error)) return error
  switch (Number(error.errcode) & 0xff) {
    case 5: // SQLITE_BUSY
      return new PressroomError('folder-locked', `another process holds ${path}`, {
        where: `it did not let go within ${BUSY_MS / 1000} s`,
        fix: 'look for a process that hangs, and stop it',
        cause: error,
      })
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
      return damaged(path, error.message, 'restore it from a copy, or move it away and register again', error)
    case 3: // SQLITE_PERM
    case 8: // SQLITE_READONLY
    case 10: // SQLITE_IOERR
    case 13: // SQLITE_FULL
    case 14: // SQLITE_CANTOPEN
      return new PressroomError('not-writable', `the registry ${path} cannot be written: ${error.message}`, {
        fix: 'give this user the right to write its folder and free space there, or name another folder',
        cause: error,
      })
    default:
      return error
  }
}

function damaged(path: string, where: string, fix: string, cause?: unknown): PressroomError {
  return new PressroomError('registry-damaged', `${path} is not a registry that can be used`, {
    where,
    fix,
    cause,
  })
}
