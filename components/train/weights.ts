import { type Row, requireRowColumns } from '../../core/data/index.ts'
import { PressroomError } from '../../core/errors.ts'
import { shorten } from '../../core/report/shorten.ts'

/**
 * What each row counts for in the fit, from a column that was kept beside its text.
 * @param path of the rows, for messages
 * @throws PressroomError `missing-column` when no row has it; `invalid-rows` for a row without a number from 0 up in it
 */
export function weightsIn(rows: readonly Row[], column: string, path: string): Float64Array {
  requireRowColumns(path, rows, [column], 'it is to weigh the rows')
  return Float64Array.from(rows, ({ columns, text }) => {
    const cell = columns?.[column] ?? ''
    const weight = cell === '' ? Number.NaN : Number(cell)
    if (Number.isFinite(weight) && weight >= 0) return weight
    throw new PressroomError(
      'invalid-rows',
      `the weight column "${column}" ${cell === '' ? 'is empty' : `has ${JSON.stringify(shorten(cell, 40))}`} in a training row`,
      { where: shorten(text, 80), fix: 'weights are numbers from 0 up' },
    )
  })
}
