import type { Entry } from './entries.ts'
import { countLineFeeds, LINE_FEED, type Lines, MAX_LINE_BYTES } from './lines.ts'

/*
 * CSV as RFC 4180 has it, with the usual leniency: line feeds alone end records too, empty lines are skipped, and a quote
 * inside an unquoted field is itself. A quoted field that is never closed, or is followed by more text, makes its first line a
 * bad row and reading goes on with the next line, so that one stray quote never swallows the rows after it; that, and line
 * numbers that stay right through quoted CR LF, is why this is not csv-parse (a test compares the two on what is well-formed).
 *
 * Fields are found in the bytes, where no byte of a longer UTF-8 character can be taken for a comma, a quote or a line feed, and
 * each becomes a string of its own: one that was cut from a larger string would keep that one alive.
 */

const NOT_CLOSED = 'a quote is opened and never closed'
const TOO_LONG = `a quote is opened and not closed within ${MAX_LINE_BYTES / 1e6} MB`
const TEXT_AFTER = 'a quoted field is followed by more text; double the quotes inside it'

const QUOTE = 0x22
const CARRIAGE_RETURN = 0x0d
const DELIMITERS = { ',': 0x2c, ';': 0x3b, '\t': 0x09 }

type Delimiter = keyof typeof DELIMITERS

type Parsed =
  | { readonly cells: readonly string[]; readonly end: number }
  | { readonly problem: string }
  /** The record goes on beyond the bytes. */
  | undefined

/** Records of CSV text, those of a piece together. A record of several lines has the number of its first. */
export async function* csvEntries(
  pieces: AsyncIterable<Lines>,
  delimiter: Delimiter,
): AsyncGenerator<readonly Entry[]> {
  let rest: Buffer = Buffer.alloc(0)
  let line = 1
  for await (const piece of pieces) {
    const bytes = rest.length === 0 ? piece.bytes : Buffer.concat([rest, piece.bytes])
    const read = entriesIn(bytes, line, DELIMITERS[delimiter], false)
    yield read.entries
    rest = bytes.subarray(read.end)
    line = read.line
  }
  yield entriesIn(rest, line, DELIMITERS[delimiter], true).entries
}

function entriesIn(
  bytes: Buffer,
  firstLine: number,
  delimiter: number,
  last: boolean,
): { readonly entries: Entry[]; readonly end: number; readonly line: number } {
  const entries: Entry[] = []
  let start = 0
  let line = firstLine
  while (start < bytes.length) {
    const parsed = parseRecord(bytes, start, delimiter, last) ?? runaway(bytes, start)
    if (parsed === undefined) break
    if ('problem' in parsed) {
      entries.push({ line, problem: parsed.problem })
      const end = bytes.indexOf(LINE_FEED, start)
      start = end === -1 ? bytes.length : end + 1
      line++
      continue
    }
    const { cells, end } = parsed
    // A line that is `""` is no empty line: somebody wrote an empty text.
    if (cells.length > 1 || cells[0] !== '' || bytes[start] === QUOTE) entries.push({ line, values: cells })
    // The line feed that ends the record is one for sure; looking only before it saves a search beyond it.
    line += 1 + countLineFeeds(bytes, start, end - 1)
    start = end
  }
  return { entries, end: start, line }
}

/** An open quote would otherwise take in the whole file; a record of several lines gets as many bytes as one line does. */
function runaway(bytes: Buffer, start: number): Parsed {
  return bytes.length - start > MAX_LINE_BYTES ? { problem: TOO_LONG } : undefined
}

function parseRecord(bytes: Buffer, start: number, delimiter: number, last: boolean): Parsed {
  const { length } = bytes
  const cells: string[] = []
  let at = start
  for (;;) {
    if (bytes[at] === QUOTE) {
      const closing = closingQuote(bytes, at)
      if (closing === -1) return last ? { problem: NOT_CLOSED } : undefined
      const cell = bytes.toString('utf8', at + 1, closing)
      cells.push(cell.includes('"') ? cell.replaceAll('""', '"') : cell)
      at = closing + 1
    } else {
      const from = at
      while (at < length && bytes[at] !== delimiter && bytes[at] !== LINE_FEED) at++
      const ended = at < length && bytes[at] === LINE_FEED && at > from && bytes[at - 1] === CARRIAGE_RETURN
      cells.push(bytes.toString('utf8', from, ended ? at - 1 : at))
    }
    if (bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED) at++
    if (bytes[at] === LINE_FEED) return { cells, end: at + 1 }
    // Pieces are whole lines, so bytes that end here end the file.
    if (at >= length) return { cells, end: at }
    if (bytes[at] !== delimiter) return { problem: TEXT_AFTER }
    at++
  }
}

/** Position of the quote that closes the field opened at `open`; a doubled quote does not. -1 when there is none. */
function closingQuote(bytes: Buffer, open: number): number {
  let at = bytes.indexOf(QUOTE, open + 1)
  while (at !== -1 && bytes[at + 1] === QUOTE) at = bytes.indexOf(QUOTE, at + 2)
  return at
}
