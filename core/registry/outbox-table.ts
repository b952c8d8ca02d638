import { randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { Database } from './database.ts'
import { formatEvent } from './event-body.ts'
import { waitForLock } from './locks.ts'
import type { EventData, EventKind, Outbox, PendingEvent } from './types.ts'

/**
 * Puts an event into the outbox, in the transaction of the change that it tells. `at` is in milliseconds
 * since the epoch.
 */
export function emit<K extends EventKind>(db: DatabaseSync, kind: K, data: EventData[K], at: number): void {
  db.prepare('insert into outbox (delivery_id, body) values (?, ?)').run(
    randomUUID(),
    formatEvent(kind, data, at),
  )
}

/** The embedded registry's outbox. Settled events stay as a record. */
export function createOutbox(database: Database, folder: string): Outbox {
  return {
    next: () =>
      database.read(
        db =>
          db
            .prepare(
              `select delivery_id as deliveryId, body, tries, due_at as dueAt
               from outbox where status = 'pending' order by due_at, number limit 1`,
            )
            .get() as PendingEvent | undefined,
      ),
    settle: (deliveryId, outcome, detail) =>
      database.write(db => {
        db.prepare('update outbox set status = ?, detail = ? where delivery_id = ?').run(
          outcome,
          detail,
          deliveryId,
        )
      }),
    postpone: (deliveryId, dueAt, detail) =>
      database.write(db => {
        db.prepare('update outbox set tries = tries + 1, due_at = ?, detail = ? where delivery_id = ?').run(
          dueAt,
          detail,
          deliveryId,
        )
      }),
    lock: signal => waitForLock(folder, 'outbox', signal),
  }
}
