import { counted } from '../counted.ts'
import { own } from '../object.ts'
import { type Columns, chooseColumns, columnsOfFirstRecord, type WantedColumns } from './columns.ts'
import type { Row } from './dataset.ts'
import type { Values } from './entries.ts'

export interface SchemaOptions extends WantedColumns {
  /** Least length of a trimmed text in characters (code points). */
  readonly minTextLength: number
}

export interface Schema {
  readonly columns: Columns
  /** The row that a record holds, trimmed, or why it holds none. */
  check(values: Values): Row | { readonly problem: string }
}

/**
 * The schema of a file by its first record: where text and label are, and how many fields a CSV or TSV record has.
 * @throws PressroomError `missing-column`, `invalid-setting`.
 */
export function schemaOf(path: string, first: Values, options: SchemaOptions): Schema {
  if (!isCells(first)) {
    const columns = chooseColumns(path, Object.keys(first), options)
    const keys = { text: columns.text, label: columns.label, kept: (options.keepColumns ?? []).map(same) }
    return {
      columns,
      check: values => checkRow(values as Readonly<Record<string, unknown>>, keys, own, options),
    }
  }
  const names = first.map(name => name.trim())
  const columns = columnsOfFirstRecord(path, names, options)
  const position = (column: string) => (columns.header ? names.indexOf(column) : Number(column) - 1)
  const positions: Keys<number> = {
    text: columns.text === undefined ? undefined : position(columns.text),
    label: position(columns.label),
    kept: (options.keepColumns ?? []).map(name => [name, position(name)]),
  }
  return {
    columns,
    check: values => {
      const cells = values as readonly string[]
      return cells.length === names.length
        ? checkRow(cells, positions, cellAt, options)
        : { problem: `${counted(cells.length, 'field')} where the first line has ${names.length}` }
    },
  }
}

/** Where a record's values are: keys of an object, or positions of cells. */
interface Keys<K> {
  readonly text: K | undefined
  readonly label: K
  readonly kept: readonly (readonly [name: string, key: K])[]
}

function same(name: string): [string, string] {
  return [name, name]
}

function isCells(values: Values): values is readonly string[] {
  return Array.isArray(values)
}

function checkRow<V, K>(
  values: V,
  keys: Keys<K>,
  own: (values: V, key: K) => unknown,
  options: SchemaOptions,
): ReturnType<Schema['check']> {
  const label = labelOf(own(values, keys.label))
  if (typeof label !== 'string') return label
  const text = keys.text === undefined ? '' : textOf(own(values, keys.text), options)
  if (typeof text !== 'string') return text
  if (keys.kept.length === 0) return { text, label }
  const columns: Record<string, string> = {}
  for (const [name, key] of keys.kept) {
    const value = columnOf(name, own(values, key))
    if (typeof value === 'object') return value
    if (value !== undefined) columns[name] = value
  }
  return { text, label, columns }
}

function textOf(text: unknown, options: SchemaOptions): string | { readonly problem: string } {
  if (text === undefined || text === null) return { problem: 'no text' }
  if (typeof text !== 'string') return { problem: `the text is ${kindOf(text)}, not a string` }
  const trimmed = text.trim()
  if (trimmed === '') return { problem: 'the text is empty' }
  if (trimmed.length < 2 * options.minTextLength) {
    const characters = [...trimmed].length
    if (characters < options.minTextLength) {
      return {
        problem: `the text has ${counted(characters, 'character')}, fewer than ${options.minTextLength}`,
      }
    }
  }
  return trimmed
}

/** Numbers and booleans as JSON writes them; nothing for a null or an empty value. */
function columnOf(name: string, value: unknown): string | undefined | { readonly problem: string } {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'string') return { problem: `column "${name}" is ${kindOf(value)}` }
  const trimmed = value.trim()
  return trimmed === '' ? undefined : trimmed
}

function labelOf(value: unknown): string | { readonly problem: string } {
  if (Number.isSafeInteger(value)) return String(value)
  if (value === undefined || value === null) return { problem: 'no label' }
  if (typeof value !== 'string')
    return { problem: `the label is ${kindOf(value)}, not a string or a whole number` }
  const label = value.trim()
  return label === '' ? { problem: 'no label' } : label
}

function cellAt(cells: readonly string[], position: number): string {
  return cells[position]!
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
