import { PressroomError } from '../errors.ts'
import { writeFileAtomic } from '../storage/atomic.ts'
import type { Entry } from './entries.ts'
import { jsonlEntries } from './jsonl.ts'
import { readLines } from './lines.ts'
import { requireRoomFor } from './room.ts'

/** A labelled text; the text is empty where other columns stand in for it. */
export interface Row {
  readonly text: string
  readonly label: string
  /** Other columns that were asked for, as they were written; one without a value is left out. */
  readonly columns?: Readonly<Record<string, string>>
}

/** JSON writes a character in six at most (`\u0001`), and ingest takes texts of up to a megabyte. */
const MAX_DATASET_LINE = 8_000_000
const PIECE = 64 * 1024

/**
 * Writes rows as the JSONL that passes between stages: `{"text":…,"label":…}` a line, with `"columns":{…}` where a row has
 * others, in the order given.
 * @throws PressroomError `not-writable`.
 */
export async function writeDataset(path: string, rows: Iterable<Row>): Promise<void> {
  await writeFileAtomic(path, pieces(rows))
}

function* pieces(rows: Iterable<Row>): Generator<string> {
  let piece = ''
  for (const { text, label, columns } of rows) {
    piece += `${JSON.stringify({ text, label, columns })}\n`
    if (piece.length < PIECE) continue
    yield piece
    piece = ''
  }
  yield piece
}

/**
 * Reads what {@link writeDataset} wrote. An empty file has no rows.
 * @throws PressroomError `invalid-rows` at the first line that is no such row; `file-not-found`, `not-a-file`, `not-readable`,
 * `not-text`, `not-enough-memory`, `cancelled`.
 */
export async function readDataset(path: string, signal?: AbortSignal): Promise<Row[]> {
  await requireRoomFor(path)
  const rows: Row[] = []
  const lines = readLines(path, { signal, maxLineBytes: MAX_DATASET_LINE })
  for await (const entries of jsonlEntries(lines)) for (const entry of entries) rows.push(rowOf(entry, path))
  return rows
}

function rowOf(entry: Entry, path: string): Row {
  const values = ('values' in entry ? entry.values : {}) as Readonly<Record<string, unknown>>
  const { text, label, columns } = values
  if (typeof text !== 'string' || typeof label !== 'string' || !areColumns(columns)) {
    throw new PressroomError('invalid-rows', `line ${entry.line} of ${path} is not a row`, {
      where: 'a data set has one {"text":"…","label":"…"} a line',
      fix: 'make it with: pressroom ingest',
    })
  }
  return columns === undefined ? { text, label } : { text, label, columns }
}

function areColumns(columns: unknown): columns is Row['columns'] {
  if (columns === undefined) return true
  if (typeof columns !== 'object' || columns === null || Array.isArray(columns)) return false
  return Object.values(columns).every(value => typeof value === 'string')
}
