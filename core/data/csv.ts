import type { Entry } from './entries.ts'
import { type Lines, MAX_LINE_BYTES } from './lines.ts'

/*
 * CSV as RFC 4180 has it, with the usual leniency: line feeds alone end records too, empty lines are skipped, and a quote
 * inside an unquoted field is itself. A quoted field that is never closed, or is followed by more text, makes its first line a
 * bad row and reading goes on with the next line, so that one stray quote never swallows the rows after it; that, and line
 * numbers that stay right through quoted CR LF, is why this is not csv-parse (a test compares the two on what is well-formed).
 */

const NOT_CLOSED = 'a quote is opened and never closed'
const TEXT_AFTER = 'a quoted field is followed by more text; double the quotes inside it'

type Parsed =
  | { readonly cells: readonly string[]; readonly end: number }
  | { readonly problem: string }
  /** The record goes on beyond the text. */
  | undefined

/** Records of CSV text. A record of several lines has the number of its first. */
export async function* csvEntries(
  pieces: AsyncIterable<Lines>,
  delimiter: ',' | ';' | '\t',
): AsyncGenerator<Entry> {
  let text = ''
  let line = 1
  for await (const piece of pieces) {
    text += piece.text
    const consumed = yield* entriesIn(text, line, delimiter, false)
    text = text.slice(consumed.end)
    line = consumed.line
  }
  yield* entriesIn(text, line, delimiter, true)
}

function* entriesIn(
  text: string,
  firstLine: number,
  delimiter: string,
  last: boolean,
): Generator<Entry, { end: number; line: number }> {
  let start = 0
  let line = firstLine
  while (start < text.length) {
    const parsed = parseRecord(text, start, delimiter, last) ?? runaway(text, start)
    if (parsed === undefined) break
    if ('problem' in parsed) {
      yield { line, problem: parsed.problem }
      const end = text.indexOf('\n', start)
      start = end === -1 ? text.length : end + 1
      line++
      continue
    }
    if (parsed.cells.length > 1 || parsed.cells[0] !== '') yield { line, values: parsed.cells }
    line += countLines(text, start, parsed.end)
    start = parsed.end
  }
  return { end: start, line }
}

/** An open quote would otherwise take in the whole file; a record of several lines gets as many characters as a line gets bytes. */
function runaway(text: string, start: number): Parsed {
  return text.length - start > MAX_LINE_BYTES ? { problem: NOT_CLOSED } : undefined
}

function parseRecord(text: string, start: number, delimiter: string, last: boolean): Parsed {
  const cells: string[] = []
  let at = start
  for (;;) {
    let cell: string
    if (text[at] === '"') {
      const closing = closingQuote(text, at)
      if (closing === -1) return last ? { problem: NOT_CLOSED } : undefined
      cell = text.slice(at + 1, closing).replaceAll('""', '"')
      at = closing + 1
    } else {
      const end = fieldEnd(text, at, delimiter)
      cell = text.slice(at, end)
      if (text[end] === '\n' && cell.endsWith('\r')) cell = cell.slice(0, -1)
      at = end
    }
    cells.push(cell)
    if (text[at] === '\r' && text[at + 1] === '\n') at++
    if (text[at] === '\n') return { cells, end: at + 1 }
    // Pieces are whole lines, so text that ends here ends the file.
    if (at >= text.length) return { cells, end: at }
    if (text[at] !== delimiter) return { problem: TEXT_AFTER }
    at++
  }
}

/** Position of the quote that closes the field opened at `open`; a doubled quote does not. -1 when there is none. */
function closingQuote(text: string, open: number): number {
  let at = text.indexOf('"', open + 1)
  while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2)
  return at
}

function fieldEnd(text: string, start: number, delimiter: string): number {
  let at = start
  while (at < text.length && text[at] !== delimiter && text[at] !== '\n') at++
  return at
}

function countLines(text: string, start: number, end: number): number {
  let count = 0
  for (let at = text.indexOf('\n', start); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) count++
  return count
}
