import { chooseTextColumn, type RequiredColumns, requireColumns } from './columns.ts'
import type { Entry, Values } from './entries.ts'
import { isTable } from './format.ts'
import type { Source } from './source.ts'

/** A record to be classified. */
export interface TextRow {
  /** Its first line, or its number in a Parquet file; counted from 1. */
  readonly line: number
  readonly text: string
  /** All values of the record by the names of their columns. */
  readonly values: Readonly<Record<string, unknown>>
}

/**
 * Texts of a source without labels, trimmed, in its order; or what is wrong with a record. Rows that `ingest` wrote give their other
 * columns as values too. A record of JSONL may leave a column out, so that there only the end tells that none has one that is required.
 * @throws PressroomError `missing-column`, also for required columns; rows may have been given by then
 */
export async function* textRows(
  path: string,
  { format, entries }: Source,
  { textColumn, ...required }: RequiredColumns & { readonly textColumn?: string | undefined },
): AsyncGenerator<TextRow | (Entry & { readonly problem: string })> {
  let read: ((values: Values) => Readonly<Record<string, unknown>> | undefined) | undefined
  let column = ''
  let names: readonly string[] = []
  const absent = new Set(Object.values(required).flatMap(columns => columns ?? []))
  for await (const piece of entries)
    for (const entry of piece) {
      if ('problem' in entry) {
        yield entry
        continue
      }
      if (read === undefined) {
        const table = isTable(format)
        names = table
          ? (entry.values as readonly string[]).map(name => name.trim())
          : Object.keys(objectOf(entry.values))
        const { text, header } = chooseTextColumn(path, names, textColumn, table)
        column = text
        if (table) requireColumns(path, names, required)
        read = table ? cellReader(header ? names : names.map((_, i) => `${i + 1}`)) : objectOf
        if (table && header) continue
      }
      const values = read(entry.values)
      for (const name of absent) if (values !== undefined && Object.hasOwn(values, name)) absent.delete(name)
      const text = values?.[column]
      if (values === undefined)
        yield { line: entry.line, problem: 'it has more or fewer fields than the first line' }
      else if (typeof text !== 'string') yield { line: entry.line, problem: `it has no text in "${column}"` }
      else yield { line: entry.line, text: text.trim(), values }
    }
  if (read === undefined || isTable(format)) return
  const missing = (columns: readonly string[] = []) => columns.filter(name => absent.has(name))
  requireColumns(path, names, {
    keepColumns: missing(required.keepColumns),
    modelColumns: missing(required.modelColumns),
  })
}

function cellReader(names: readonly string[]) {
  return (values: Values) => {
    const cells = values as readonly string[]
    return cells.length === names.length
      ? Object.fromEntries(names.map((name, i) => [name, cells[i]]))
      : undefined
  }
}

function objectOf(values: Values): Readonly<Record<string, unknown>> {
  const { columns, ...own } = values as Readonly<Record<string, unknown>>
  return typeof columns === 'object' && columns !== null
    ? { ...columns, ...own }
    : (values as Record<string, unknown>)
}
