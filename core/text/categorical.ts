import { PressroomError } from '../errors.ts'
import { sortStrings } from './order.ts'
import { type Cell, isEmpty } from './rows.ts'
import type { CategoricalSettings } from './settings.ts'

/** The values of a categorical column that fitting saw, in the order of code points; an empty cell is the value "". */
export interface CategoricalState {
  readonly categories: readonly string[]
}

export function readCategory(cell: Cell): string {
  return isEmpty(cell) ? '' : String(cell)
}

/** @throws PressroomError `invalid-rows` when every cell is empty */
export function fitCategorical(name: string, values: ReadonlySet<string>): CategoricalState {
  if ([...values].every(value => value === '')) {
    throw new PressroomError('invalid-rows', `the categorical column "${name}" is empty in every row`, {
      fix: `check its name, keep it when the rows are ingested (--keep-columns), or take columns.${name} out of the settings`,
    })
  }
  return { categories: sortStrings([...values]) }
}

/**
 * The place of a value among the categories, or -1 when fitting did not see it.
 * @throws PressroomError `invalid-rows` when that is to be an error
 */
export function placeOfCategory(
  name: string,
  { handleUnknown }: CategoricalSettings,
  places: ReadonlyMap<string, number>,
  value: string,
): number {
  const place = places.get(value)
  if (place !== undefined) return place
  if (handleUnknown === 'ignore') return -1
  const known = [...places.keys()].slice(0, 10).map(category => JSON.stringify(category))
  throw new PressroomError('invalid-rows', `the column "${name}" has a value that fitting did not see`, {
    where: `${JSON.stringify(value)}; it knows ${places.size}: ${known.join(', ')}`,
    fix: `correct the value, or set columns.${name}.handleUnknown to ignore`,
  })
}
