import { open } from 'node:fs/promises'
import { csvEntries } from './csv.ts'
import type { Entry } from './entries.ts'
import { delimiterOf, detectFormat, type Format, namesText } from './format.ts'
import { jsonlEntries } from './jsonl.ts'
import { LINE_FEED, type Lines, readLines } from './lines.ts'

/** The records of a file, one after another. */
export interface Source {
  readonly format: Format
  /** In pieces, since waiting for a promise a record would take longer than reading it. */
  readonly entries: AsyncIterable<readonly Entry[]>
}

/**
 * Lets `use` read the records of a file, and closes it afterwards, however far that got.
 * @throws PressroomError those of {@link readLines}; whatever `use` throws comes through.
 */
export async function withSource<T>(
  path: string,
  asked: Format | 'auto',
  signal: AbortSignal | undefined,
  use: (source: Source) => Promise<T>,
): Promise<T> {
  if (asked === 'parquet' || (asked === 'auto' && (await isParquet(path)))) {
    const { parquetEntries } = await import('./parquet.ts')
    return use({ format: 'parquet', entries: parquetEntries(path, signal) })
  }
  const lines = readLines(path, { signal })
  try {
    const first = await lines.next()
    const firstLine = first.done ? '' : firstLineOf(first.value)
    const format = asked === 'auto' ? detectFormat(path, firstLine) : asked
    const pieces = resumed(first, lines)
    const entries =
      format === 'jsonl' ? jsonlEntries(pieces) : csvEntries(pieces, delimiterOf(format, firstLine))
    return await use({ format, entries })
  } finally {
    await lines.return(undefined)
  }
}

/** By its name; by its first bytes when the name says nothing, as artifacts' names do. */
async function isParquet(path: string): Promise<boolean> {
  if (path.toLowerCase().endsWith('.parquet')) return true
  if (namesText(path)) return false
  // Whatever keeps the file from being opened is told by whoever reads it.
  await using file = await open(path).catch(() => undefined)
  const start = await file?.read(Buffer.alloc(4), 0, 4, 0).catch(() => undefined)
  return start?.buffer.toString('latin1') === 'PAR1'
}

function firstLineOf({ bytes }: Lines): string {
  const end = bytes.indexOf(LINE_FEED)
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end)
}

async function* resumed(
  first: IteratorResult<Lines, unknown>,
  rest: AsyncIterable<Lines>,
): AsyncGenerator<Lines> {
  if (first.done) return
  yield first.value
  yield* rest
}
