import { counted } from '../counted.ts'
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
    return { columns, check: values => checkRow(values, columns.text, columns.label, options) }
  }
  const names = first.map(name => name.trim())
  const columns = columnsOfFirstRecord(path, names, options)
  const position = (column: string) => (columns.header ? names.indexOf(column) : Number(column) - 1)
  const text = String(position(columns.text))
  const label = String(position(columns.label))
  return {
    columns,
    check: values =>
      isCells(values) && values.length !== names.length
        ? { problem: `${counted(values.length, 'field')} where the first line has ${names.length}` }
        : checkRow(values, text, label, options),
  }
}

function isCells(values: Values): values is readonly string[] {
  return Array.isArray(values)
}

function checkRow(
  values: Values,
  textKey: string,
  labelKey: string,
  options: SchemaOptions,
): ReturnType<Schema['check']> {
  const label = labelOf(own(values, labelKey))
  if (typeof label !== 'string') return label
  const text = own(values, textKey)
  if (text === undefined || text === null) return { problem: 'no text' }
  if (typeof text !== 'string') return { problem: `the text is ${kindOf(text)}, not a string` }
  const trimmed = text.trim()
  if (trimmed === '') return { problem: 'the text is empty' }
  // JSON can escape half of a surrogate pair; no file can hold it as UTF-8.
  if (!trimmed.isWellFormed()) return { problem: 'the text holds half of a surrogate pair' }
  if (trimmed.length < 2 * options.minTextLength) {
    const characters = [...trimmed].length
    if (characters < options.minTextLength) {
      return {
        problem: `the text has ${counted(characters, 'character')}, fewer than ${options.minTextLength}`,
      }
    }
  }
  return { text: trimmed, label }
}

function labelOf(value: unknown): string | { readonly problem: string } {
  if (Number.isSafeInteger(value)) return String(value)
  if (value === undefined || value === null) return { problem: 'no label' }
  if (typeof value !== 'string')
    return { problem: `the label is ${kindOf(value)}, not a string or a whole number` }
  const label = value.trim()
  if (label === '') return { problem: 'no label' }
  return label.isWellFormed() ? label : { problem: 'the label holds half of a surrogate pair' }
}

function own(values: Values, key: string): unknown {
  return Object.hasOwn(values, key) ? (values as Readonly<Record<string, unknown>>)[key] : undefined
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
