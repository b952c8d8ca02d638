import { own } from '../object.ts'

/** What a named column may hold; an empty string, null and a column that is not there are an empty cell. */
export type Cell = string | number | null | undefined

/** A row to make features of: a text, or a text (none is an empty one) with named columns beside it. */
export type FeatureRow =
  | string
  | { readonly text?: string; readonly columns?: Readonly<Record<string, Cell>> }

export function textOf(row: FeatureRow): string {
  return typeof row === 'string' ? row : (row.text ?? '')
}

export function cellOf(row: FeatureRow, column: string): Cell {
  return typeof row === 'string' ? undefined : own(row.columns ?? {}, column)
}

export function isEmpty(cell: Cell): cell is null | undefined | '' {
  return cell === undefined || cell === null || (typeof cell === 'string' && cell.trim() === '')
}
