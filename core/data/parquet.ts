import { asyncBufferFromFile, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { PressroomError } from '../errors.ts'
import { isObject } from '../object.ts'
import { readFailure } from '../storage/failures.ts'
import type { Entry } from './entries.ts'

/** As many as are in memory at a time; row groups of other writers can hold millions. */
const ROWS_AT_ONCE = 10_000

/**
 * Records of a Parquet file, in pieces; `line` is a row's number, counted from 1. Whole numbers and times become what JSON
 * has: numbers, where they are exact, and ISO 8601.
 * @throws PressroomError `not-text` when it is no Parquet file that can be read; `file-not-found`, `not-a-file`, `not-readable`,
 * `cancelled`.
 */
export async function* parquetEntries(
  path: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly Entry[]> {
  const file = await asyncBufferFromFile(path).catch(error => {
    throw readFailure(error, path)
  })
  const read = async <T>(reading: () => Promise<T>): Promise<T> => {
    if (signal?.aborted) {
      throw new PressroomError('cancelled', `reading ${path} was cancelled`, { cause: signal.reason })
    }
    try {
      return await reading()
    } catch (error) {
      throw unreadable(error, path)
    }
  }
  const metadata: FileMetaData = await read(() => parquetMetadataAsync(file))
  const rows = Number(metadata.num_rows)
  await read(async () => requireRows(metadata))
  for (let start = 0; start < rows; start += ROWS_AT_ONCE) {
    const range = { rowStart: start, rowEnd: Math.min(rows, start + ROWS_AT_ONCE) }
    const records = await read(() => parquetReadObjects({ file, metadata, ...range }))
    yield records.map((record, i) => {
      const values = Object.entries(record).map(([name, value]) => [name, plain(value)])
      return { line: start + i + 1, values: Object.fromEntries(values) }
    })
  }
}

/** A footer that tells of more rows than its columns have values would be read for ever. */
function requireRows({ num_rows, row_groups }: FileMetaData): void {
  const told = row_groups.every(({ num_rows, columns }) =>
    columns.every(({ meta_data }) => meta_data !== undefined && meta_data.num_values >= num_rows),
  )
  const sum = row_groups.reduce((rows, group) => rows + group.num_rows, 0n)
  if (!told || sum !== num_rows) throw new Error('its footer tells of other rows than there are')
}

/** Lists and structs too: a column that is kept is written as JSON. A time beyond the calendar is none. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value instanceof Date) return Number.isNaN(value.valueOf()) ? null : value.toISOString()
  if (Array.isArray(value)) return value.map(plain)
  if (!isObject(value) || ArrayBuffer.isView(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]))
}

function unreadable(error: unknown, path: string): unknown {
  const known = readFailure(error, path)
  if (known instanceof PressroomError) return known
  return new PressroomError('not-text', `${path} cannot be read as Parquet`, {
    // Where bytes are not what the footer says, the reader trips over them, and its words help nobody.
    where: error instanceof Error && error.name === 'Error' ? error.message.split('\n')[0]! : 'it is damaged',
    fix: 'write it without compression or with snappy, or export it as CSV or JSONL',
    cause: error,
  })
}
