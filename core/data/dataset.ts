import { PressroomError } from '../errors.ts'
import { writeFileAtomic } from '../storage/atomic.ts'
import { jsonlEntries } from './jsonl.ts'
import { readLines } from './lines.ts'

/** A labelled text. */
export interface Row {
  readonly text: string
  readonly label: string
}

/** JSON writes a character in six at most (`\u0001`), and ingest takes texts of up to a megabyte. */
const MAX_DATASET_LINE = 8_000_000
const PIECE = 64 * 1024

/**
 * Writes rows as the JSONL that passes between stages: `{"text":…,"label":…}` a line, in the order given.
 * @throws PressroomError `not-writable`.
 */
export async function writeDataset(path: string, rows: Iterable<Row>): Promise<void> {
  await writeFileAtomic(path, pieces(rows))
}

function* pieces(rows: Iterable<Row>): Generator<string> {
  let piece = ''
  for (const { text, label } of rows) {
    piece += `${JSON.stringify({ text, label })}\n`
    if (piece.length < PIECE) continue
    yield piece
    piece = ''
  }
  yield piece
}

/**
 * Reads what {@link writeDataset} wrote. An empty file has no rows.
 * @throws PressroomError `invalid-rows` at the first line that is no such row; `file-not-found`, `not-a-file`, `not-readable`,
 * `not-text`, `cancelled`.
 */
export async function readDataset(path: string, signal?: AbortSignal): Promise<Row[]> {
  const rows: Row[] = []
  for await (const entry of jsonlEntries(readLines(path, { signal, maxLineBytes: MAX_DATASET_LINE }))) {
    const { text, label } = ('values' in entry ? entry.values : {}) as Readonly<Record<string, unknown>>
    if (typeof text !== 'string' || typeof label !== 'string') {
      throw new PressroomError('invalid-rows', `line ${entry.line} of ${path} is not a row`, {
        where: 'a data set has one {"text":"…","label":"…"} a line',
        fix: 'make it with: pressroom ingest',
      })
    }
    rows.push({ text, label })
  }
  return rows
}
