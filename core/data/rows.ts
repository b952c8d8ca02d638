import { PressroomError } from '../errors.ts'
import { type BadRow, BadRows, badRowsError, listBadRows } from './bad-rows.ts'
import type { Columns, WantedColumns } from './columns.ts'
import type { Row } from './dataset.ts'
import { DistinctRows } from './distinct.ts'
import type { Entry } from './entries.ts'
import { type Format, isTable } from './format.ts'
import { labelNamer } from './labels.ts'
import { requireRoomFor } from './room.ts'
import { type Schema, schemaOf } from './schema.ts'
import { type Source, withSource } from './source.ts'

export interface ReadOptions extends WantedColumns {
  /** Default `auto`: by the file's name, then by its first line. */
  readonly format?: Format | 'auto'
  /** Names of numbered labels in the order of their numbers, which start at 0 or 1. */
  readonly labelNames?: readonly string[] | undefined
  /** Whether rows that break the schema are an error (the default) or left out. */
  readonly badRows?: 'fail' | 'skip'
  /** How many bad rows are named; default 20. */
  readonly maxReported?: number
  /** Least length of a trimmed text in characters (code points); default 1. */
  readonly minTextLength?: number
  readonly signal?: AbortSignal
}

export interface ReadResult {
  /** Rows with distinct texts, trimmed, in the order of the file. */
  readonly rows: readonly Row[]
  readonly format: Format
  readonly columns: Columns
  /** Rows in the file: those kept, the duplicates and the bad ones. */
  readonly read: number
  /** Rows left out because an earlier one has the same text and label. */
  readonly duplicates: number
  readonly bad: { readonly count: number; readonly reported: readonly BadRow[] }
}

/**
 * Reads labelled rows from a CSV, TSV, JSONL or Parquet file in pieces, checks each and drops exact duplicates; memory is bounded by
 * the rows kept. A row is bad when it cannot be read, has no label, no text or too short a one, or when its text
 * also occurs with another label.
 * @throws PressroomError `invalid-rows` that names the first bad rows, unless they are skipped; `missing-column`, `no-rows`,
 * `too-few-classes`, `invalid-setting`, `not-enough-memory`, and those of {@link readLines}.
 */
export async function readRows(path: string, options: ReadOptions = {}): Promise<ReadResult> {
  await requireRoomFor(path)
  return withSource(path, options.format ?? 'auto', options.signal, source => readFrom(path, source, options))
}

async function readFrom(
  path: string,
  { format, entries }: Source,
  options: ReadOptions,
): Promise<ReadResult> {
  const bad = new BadRows(options.maxReported ?? 20)
  const distinct = new DistinctRows()
  let schema: Schema | undefined
  let read = 0
  const take = (entry: Entry) => {
    if ('values' in entry && schema === undefined) {
      schema = schemaOf(path, entry.values, { ...options, minTextLength: options.minTextLength ?? 1 })
      if (isTable(format) && schema.columns.header) return
    }
    read++
    const row = 'values' in entry ? schema!.check(entry.values) : entry
    if ('problem' in row) bad.add(entry.line, row.problem)
    else distinct.add(row, entry.line, bad)
  }
  for await (const piece of entries) for (const entry of piece) take(entry)

  const rows = namedRows(distinct, options.labelNames, bad)
  if (bad.count > 0 && options.badRows !== 'skip') throw badRowsError(path, read, bad)
  checkEnough(path, rows, bad, read === 0 && schema === undefined)
  const { reported, count } = bad
  return {
    rows,
    format,
    columns: schema!.columns,
    read,
    duplicates: distinct.duplicates,
    bad: { count, reported },
  }
}

function namedRows(distinct: DistinctRows, names: readonly string[] | undefined, bad: BadRows): Row[] {
  const nameOf = names && labelNamer(distinct.labels, names)
  const rows: Row[] = []
  distinct.each((row, line) => {
    const named = nameOf?.(row.label)
    if (named === undefined) rows.push(row)
    else if ('name' in named) rows.push({ ...row, label: named.name })
    else bad.add(line, named.problem)
  })
  return rows
}

function checkEnough(path: string, rows: readonly Row[], bad: BadRows, empty: boolean): void {
  const first = rows[0]
  if (first === undefined) {
    const skipped = bad.count > 0 ? listBadRows(bad).join('\n  ') : 'it has a header line only'
    throw new PressroomError('no-rows', `no rows in ${path}`, {
      where: empty ? 'the file is empty' : skipped,
      fix: 'give a file with a text and a label in each row',
    })
  }
  if (rows.every(row => row.label === first.label)) {
    throw new PressroomError('too-few-classes', `every row of ${path} has the label "${first.label}"`, {
      fix: 'a classifier needs rows of two labels or more; check --label-column',
    })
  }
}
