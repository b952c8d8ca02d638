import { extname } from 'node:path'
import { PressroomError } from '../errors.ts'

export type Format = 'csv' | 'tsv' | 'jsonl' | 'parquet'

/** Whether a file's first record may name its columns, and a record is cells. */
export function isTable(format: Format): format is 'csv' | 'tsv' {
  return format === 'csv' || format === 'tsv'
}

const BY_NAME: Readonly<Record<string, Exclude<Format, 'parquet'>>> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.tab': 'tsv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
}

/** Whether the ending of its name says which text format a file has. */
export function namesText(path: string): boolean {
  return extname(path).toLowerCase() in BY_NAME
}

/**
 * The format of a text file by its name, else by its first line: `{` begins JSONL, a tab means TSV, anything else is CSV.
 * @throws PressroomError `not-text` for a JSON array, which is not read in pieces.
 */
export function detectFormat(path: string, firstLine: string): Exclude<Format, 'parquet'> {
  const named = BY_NAME[extname(path).toLowerCase()]
  if (named) return named
  const start = firstLine.trimStart()
  if (start.startsWith('{')) return 'jsonl'
  if (start.startsWith('[')) {
    throw new PressroomError('not-text', `${path} is a JSON array, not rows`, {
      fix: `write one object a line: jq -c '.[]' ${path} > rows.jsonl`,
    })
  }
  return firstLine.includes('\t') ? 'tsv' : 'csv'
}

/** What separates the fields. Spreadsheets of many countries write CSV with semicolons: those count when the first line has no comma. */
export function delimiterOf(format: 'csv' | 'tsv', firstLine: string): ',' | ';' | '\t' {
  if (format === 'tsv') return '\t'
  return firstLine.includes(';') && !firstLine.includes(',') ? ';' : ','
}
