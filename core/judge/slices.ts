import { counted } from '../counted.ts'

/** Rows that have something in common, and how the model does on them. */
export interface Slice {
  /** What was looked at: `length`, or a column. */
  readonly by: string
  /** Which part of it: `4 to 8 words`, or a value of the column. */
  readonly value: string
  readonly rows: number
  readonly accuracy: number
}

/** More values than a person compares; the rest is one slice, `other`. */
const MOST_VALUES = 20
/** Of rows without a value. */
const NONE = '(none)'
const QUARTERS = [0.25, 0.5, 0.75] as const

/**
 * Slices by a column's values, the largest first; those beyond the twentieth together. Numbers of more values than that are four slices of
 * about as many rows each, `0.5 to 3`. A row without a value is `(none)`.
 * @param right whether the model has the row right, one a row
 */
export function sliceByValue(
  by: string,
  values: readonly (string | undefined)[],
  right: readonly boolean[],
): readonly Slice[] {
  if (isNumeric(values)) return sliceByNumber(by, values, right)
  const counts = new Map<string, number>()
  const named = values.map(value => (isBlank(value) ? NONE : value!))
  for (const value of named) counts.set(value, (counts.get(value) ?? 0) + 1)
  const shown = new Set(
    [...counts]
      .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
      .slice(0, counts.size > MOST_VALUES ? MOST_VALUES - 1 : MOST_VALUES)
      .map(([value]) => value),
  )
  const other = `other (${counts.size - shown.size} values)`
  return tally(
    by,
    named.map(value => (shown.has(value) ? value : other)),
    right,
    [...shown, other],
  )
}

const isBlank = (value: string | undefined) => value === undefined || value.trim() === ''

function isNumeric(values: readonly (string | undefined)[]): boolean {
  const there = new Set(values.filter(value => !isBlank(value)))
  return there.size > MOST_VALUES && [...there].every(value => Number.isFinite(Number(value)))
}

function sliceByNumber(
  by: string,
  values: readonly (string | undefined)[],
  right: readonly boolean[],
): readonly Slice[] {
  const numbers = values.map(value => (isBlank(value) ? undefined : Number(value)))
  const sorted = numbers.filter(number => number !== undefined).sort((a, b) => a - b)
  const ends = quarterEnds(sorted)
  const names = ends.map((end, i) => {
    const start = i === 0 ? sorted[0]! : sorted.find(number => number > ends[i - 1]!)!
    return start === end ? `${end}` : `${start} to ${end}`
  })
  return tally(
    by,
    numbers.map(number => (number === undefined ? NONE : names[ends.findIndex(end => number <= end)]!)),
    right,
    [...names, NONE],
  )
}

/** The largest of each quarter of the numbers, fewer than four where they are equal. */
function quarterEnds(sorted: readonly number[]): readonly number[] {
  const ends = [...QUARTERS.map(q => sorted[Math.ceil(q * sorted.length) - 1]!), sorted.at(-1)!]
  return ends.filter((end, i) => i === 0 || end > ends[i - 1]!)
}

/**
 * Slices by the number of words of a text, as many rows in each of four as their lengths allow.
 * @param words of each row
 * @param right whether the model has the row right, one a row
 */
export function sliceByLength(words: readonly number[], right: readonly boolean[]): readonly Slice[] {
  const sorted = [...words].sort((a, b) => a - b)
  const borders = quarterEnds(sorted)
  const names = borders.map((end, i) => {
    const start = i === 0 ? sorted[0]! : borders[i - 1]! + 1
    return start === end ? counted(end, 'word') : `${start} to ${counted(end, 'word')}`
  })
  return tally(
    'length',
    words.map(count => names[borders.findIndex(end => count <= end)]!),
    right,
    names,
  )
}

function tally(
  by: string,
  values: readonly string[],
  right: readonly boolean[],
  order: readonly string[],
): readonly Slice[] {
  const counts = new Map(order.map(value => [value, { rows: 0, right: 0 }]))
  values.forEach((value, row) => {
    const count = counts.get(value)!
    count.rows += 1
    if (right[row]) count.right += 1
  })
  return [...counts].flatMap(([value, count]) =>
    count.rows === 0 ? [] : [{ by, value, rows: count.rows, accuracy: count.right / count.rows }],
  )
}
