import { type CategoricalState, fitCategorical, placeOfCategory, readCategory } from './categorical.ts'
import type { MatrixBuilder } from './matrix-builder.ts'
import { fitNumeric, type NumericState, readNumber, scaleNumber } from './numeric.ts'
import type { Cell } from './rows.ts'
import type { ColumnSettings } from './settings.ts'

/** What a named column learnt. */
export type ColumnState = NumericState | CategoricalState

/** A fitted named column. */
export interface ColumnBlock {
  readonly columns: number
  readonly state: ColumnState
  nameOf(column: number): string
  /** Puts the cell's entry into the builder's present row; `row` is its number from 0, for messages. */
  write(cell: Cell, row: number, builder: MatrixBuilder): void
}

/** A named column while it is fitted; `cells` remembers what the rows held. */
export class ColumnFitter {
  readonly #name: string
  readonly #settings: ColumnSettings
  readonly #cells: (number | string)[] = []

  constructor(name: string, settings: ColumnSettings) {
    this.#name = name
    this.#settings = settings
  }

  add(cell: Cell): void {
    const settings = this.#settings
    this.#cells.push(
      settings.kind === 'numeric'
        ? readNumber(this.#name, settings, cell, this.#cells.length)
        : readCategory(cell),
    )
  }

  finish(): { block: ColumnBlock; write(row: number, builder: MatrixBuilder): void } {
    const settings = this.#settings
    const cells = this.#cells
    const state =
      settings.kind === 'numeric'
        ? fitNumeric(this.#name, settings, Float64Array.from(cells as number[]))
        : fitCategorical(this.#name, new Set(cells as string[]))
    const block = restoreColumn(this.#name, settings, state)
    return { block, write: (row, builder) => block.write(cells[row], row, builder) }
  }
}

export function restoreColumn(name: string, settings: ColumnSettings, state: ColumnState): ColumnBlock {
  if (settings.kind === 'numeric') {
    const numeric = state as NumericState
    return {
      columns: 1,
      state,
      nameOf: () => name,
      write: (cell, row, builder) => {
        const value = scaleNumber(numeric, readNumber(name, settings, cell, row))
        if (value !== 0) builder.put(0, value)
      },
    }
  }
  const { categories } = state as CategoricalState
  const places = new Map(categories.map((category, place) => [category, place]))
  return {
    columns: categories.length,
    state,
    nameOf: column => `${name}=${categories[column]}`,
    write: (cell, _, builder) => {
      const place = placeOfCategory(name, settings, places, readCategory(cell))
      if (place >= 0) builder.put(place, 1)
    },
  }
}
