import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { PressroomError } from '../errors.ts'
import { readFailure } from '../storage/failures.ts'

/**
 * Longest line read, in bytes. No headline, article or book chapter comes near it; a longer one is a file of another kind, and
 * refusing it here bounds memory.
 */
export const MAX_LINE_BYTES = 1_000_000

/** Whole lines of a text file, in order. */
export interface Lines {
  /** Number of the first one, counted from 1 as editors do. */
  readonly line: number
  /** Well-formed UTF-8 without zero bytes. Ends with a line feed unless it ends the file. */
  readonly bytes: Buffer
}

/** First bytes of what people hand in as a table although it is none. */
const FOREIGN: readonly (readonly [magic: string, what: string])[] = [
  ['1f8b', 'compressed with gzip; unpack it first'],
  ['504b0304', 'a zip archive or a spreadsheet; unpack it, or export it as CSV'],
  ['50415231', 'a Parquet file; give its name the ending .parquet, or set the format'],
]

export const LINE_FEED = 10

/**
 * Reads a UTF-8 text file, with or without a byte order mark, in pieces of whole lines.
 * @throws PressroomError `not-text` for anything but UTF-8 text, with the line; `invalid-rows` for a line above
 * `maxLineBytes`; `file-not-found`, `not-a-file`, `not-readable`, `cancelled`.
 */
export async function* readLines(
  path: string,
  { signal, maxLineBytes = MAX_LINE_BYTES }: { signal?: AbortSignal | undefined; maxLineBytes?: number } = {},
): AsyncGenerator<Lines> {
  let rest: Buffer = Buffer.alloc(0)
  let line = 1
  let first = true
  for await (const chunk of readChunks(path, signal)) {
    let bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    if (first) bytes = checkedStart(bytes, path)
    first = false
    const firstEnd = bytes.indexOf(LINE_FEED)
    if ((firstEnd === -1 ? bytes.length : firstEnd) > maxLineBytes) throw tooLong(path, line, maxLineBytes)
    const end = bytes.lastIndexOf(LINE_FEED) + 1
    rest = bytes.subarray(end)
    if (end === 0) continue
    yield { line, bytes: checked(bytes.subarray(0, end), path, line) }
    line += countLineFeeds(bytes, 0, end)
  }
  if (rest.length > 0) yield { line, bytes: checked(rest, path, line) }
}

async function* readChunks(path: string, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, signal && { signal })
  } catch (error) {
    if (signal?.aborted) {
      throw new PressroomError('cancelled', `reading ${path} was cancelled`, { cause: signal.reason })
    }
    throw readFailure(error, path)
  }
}

function tooLong(path: string, line: number, limit: number): PressroomError {
  return new PressroomError('invalid-rows', `line ${line} of ${path} is longer than ${limit / 1e6} MB`, {
    fix: 'put each row on a line of its own, and leave out what is no text',
  })
}

/** The bytes without their byte order mark. */
function checkedStart(bytes: Buffer, path: string): Buffer {
  const hex = bytes.toString('hex', 0, 4)
  const foreign = FOREIGN.find(([magic]) => hex.startsWith(magic))
  if (foreign)
    throw new PressroomError('not-text', `${path} is not a text file`, { where: `it is ${foreign[1]}` })
  if (isUtf16(bytes)) {
    throw new PressroomError('not-text', `${path} is written in UTF-16`, {
      fix: `save it as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8 ${path}`,
    })
  }
  return hex.startsWith('efbbbf') ? bytes.subarray(3) : bytes
}

/** UTF-16 has its own byte order mark; without one, Latin letters still leave a zero in every other byte. */
function isUtf16(bytes: Buffer): boolean {
  const mark = bytes.toString('hex', 0, 2)
  if (mark === 'fffe' || mark === 'feff') return true
  const start = bytes.subarray(0, 64)
  const zeros = [0, 0]
  for (const [i, byte] of start.entries()) if (byte === 0) zeros[i % 2]!++
  return Math.max(...zeros) > start.length / 4 && Math.min(...zeros) === 0
}

function checked(bytes: Buffer, path: string, line: number): Buffer {
  const zero = bytes.indexOf(0)
  if (zero !== -1) {
    const at = line + countLineFeeds(bytes, 0, zero)
    throw new PressroomError('not-text', `${path} is not a text file`, {
      where: `line ${at} holds a zero byte`,
      fix: 'export the rows as CSV, TSV or JSONL in UTF-8',
    })
  }
  if (!isUtf8(bytes)) {
    throw new PressroomError('not-text', `${path} is not UTF-8 text`, {
      where: `the first byte that does not fit is on line ${line + goodLines(bytes)}`,
      fix: `save it as UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8 ${path}`,
    })
  }
  return bytes
}

function goodLines(bytes: Buffer): number {
  let lines = 0
  let start = 0
  for (;;) {
    const end = bytes.indexOf(LINE_FEED, start)
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) return lines
    lines++
    start = end + 1
  }
}

export function countLineFeeds(bytes: Buffer, from: number, to: number): number {
  let count = 0
  for (let at = bytes.indexOf(LINE_FEED, from); at !== -1 && at < to; at = bytes.indexOf(LINE_FEED, at + 1)) {
    count++
  }
  return count
}
