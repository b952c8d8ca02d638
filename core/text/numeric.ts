import { PressroomError } from '../errors.ts'
import { type Cell, isEmpty } from './rows.ts'
import type { NumericSettings } from './settings.ts'

/** What a numeric column learnt: a value becomes (value - center) / scale, and an empty cell is `mean`. */
export interface NumericState {
  readonly center: number
  readonly scale: number
  readonly mean: number
}

/**
 * Learns the scale of a column as scikit-learn's StandardScaler and MinMaxScaler do: empty cells do not count, the standard
 * deviation is that of the whole population, and a column without spread is divided by 1.
 * @throws PressroomError `invalid-rows` when every cell is empty
 */
export function fitNumeric(
  name: string,
  { scale, missing }: NumericSettings,
  values: Float64Array,
): NumericState {
  const present = missing === 'mean' ? values.filter(value => !Number.isNaN(value)) : values
  if (present.length === 0) {
    throw new PressroomError('invalid-rows', `the numeric column "${name}" is empty in every row`, {
      fix: `check its name, keep it when the rows are ingested (--keep-columns), or take columns.${name} out of the settings`,
    })
  }
  const mean = present.reduce((sum, value) => sum + value, 0) / present.length
  if (scale === 'none') return { center: 0, scale: 1, mean }
  if (scale === 'minmax') {
    const least = present.reduce((a, b) => Math.min(a, b))
    const range = present.reduce((a, b) => Math.max(a, b)) - least
    return { center: least, scale: withoutZero(range, least), mean }
  }
  const squares = present.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { center: mean, scale: withoutZero(Math.sqrt(squares / present.length), mean), mean }
}

/** A spread that is only what rounding leaves of equal values counts as none. */
function withoutZero(spread: number, level: number): number {
  return spread <= 10 * Number.EPSILON * Math.abs(level) ? 1 : spread
}

/**
 * A cell as a number, NaN when it is empty and may be.
 * @param row counted from 0, for the message
 * @throws PressroomError `invalid-rows` when it is empty and may not be, or no finite number
 */
export function readNumber(name: string, { missing }: NumericSettings, cell: Cell, row: number): number {
  const value = isEmpty(cell) ? Number.NaN : Number(cell)
  if (Number.isFinite(value)) return value
  const absent = isEmpty(cell) || (typeof cell === 'number' && Number.isNaN(cell)) || isWrittenNaN(cell)
  if (absent && missing === 'mean') return Number.NaN
  throw new PressroomError(
    'invalid-rows',
    `the numeric column "${name}" ${absent ? 'is empty' : 'has no number'} in row ${row + 1}`,
    {
      where: absent ? undefined : `it has ${JSON.stringify(String(cell))}`,
      fix: absent
        ? `fill the cell, keep the column when the rows are ingested (--keep-columns), or set columns.${name}.missing to mean`
        : `correct the cell, or make the column categorical`,
    },
  )
}

/** As data frames write a missing number into a file. */
function isWrittenNaN(cell: Cell): boolean {
  return typeof cell === 'string' && cell.trim().toLowerCase() === 'nan'
}

export function scaleNumber({ center, scale, mean }: NumericState, value: number): number {
  return ((Number.isNaN(value) ? mean : value) - center) / scale
}
