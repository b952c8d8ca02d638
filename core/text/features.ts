import { PressroomError } from '../errors.ts'
import type { SparseMatrix } from '../learn/matrix.ts'
import { placesOf } from './chi2.ts'
import { type ColumnBlock, type ColumnState, restoreColumn } from './column-block.ts'
import { expectedMatrix } from './expected.ts'
import { loadLexicon } from './lexicon.ts'
import { MatrixBuilder } from './matrix-builder.ts'
import { cellOf, type FeatureRow, textOf } from './rows.ts'
import type { FeatureSettings } from './settings.ts'
import { restoreVectorizer, type Vectorizer, type VectorizerState } from './vectorizer.ts'

/**
 * Everything that fitting learnt, as plain data: what a model folder has to keep. Arrays are not copied on the way in or out.
 */
export interface FeatureState {
  readonly settings: FeatureSettings
  /** By the vectorisers' names. */
  readonly text: Readonly<Record<string, VectorizerState>>
  /** By the columns' names. */
  readonly columns: Readonly<Record<string, ColumnState>>
  /** The columns that chi-squared selection kept, ascending; null where there was none. */
  readonly selected: Int32Array | null
}

/** Turns rows into matrices: the same row always into the same numbers, whatever rows are beside it. */
export interface Features {
  readonly state: FeatureState
  /** Columns of every matrix. */
  readonly columns: number
  /**
   * What a column counts: an n-gram, `column=value` or a numeric column's name; where several vectorisers read the text, the
   * n-gram after `vectoriser:`.
   */
  nameOf(column: number): string
  /**
   * One row of the matrix a row; one without anything known is empty.
   * @throws PressroomError `invalid-rows` for a cell that the column's settings do not allow
   */
  transform(rows: Iterable<FeatureRow>): SparseMatrix
  /** As `transform`, in matrices of `size` rows at most, for more rows than fit into memory. Default 1,024. */
  transformBatches(
    rows: Iterable<FeatureRow> | AsyncIterable<FeatureRow>,
    size?: number,
  ): AsyncGenerator<SparseMatrix>
}

/** A block of columns side by side with others. */
interface Block {
  readonly columns: number
  nameOf(column: number): string
  write(row: FeatureRow, number: number, builder: MatrixBuilder): void
}

/** The fitted parts of features, in the order of the settings. */
export interface Parts {
  readonly text: ReadonlyMap<string, Vectorizer>
  readonly columns: ReadonlyMap<string, ColumnBlock>
}

/**
 * Features that were fitted once, from what was kept of them.
 * @throws PressroomError `model-damaged` when the state contradicts itself; `package-missing` when the settings need a package
 * that is not installed
 */
export async function restoreFeatures(state: FeatureState): Promise<Features> {
  const { settings } = state
  const text = new Map<string, Vectorizer>()
  for (const [name, vectorizer] of Object.entries(settings.text)) {
    const lexicon = await loadLexicon(vectorizer)
    text.set(name, restoreVectorizer(vectorizer, lexicon, partOf(state.text, name)))
  }
  const columns = new Map<string, ColumnBlock>()
  for (const [name, column] of Object.entries(settings.columns)) {
    columns.set(name, restoreColumn(name, column, partOf(state.columns, name)))
  }
  return assemble(settings, { text, columns }, state.selected)
}

function partOf<T>(parts: Readonly<Record<string, T>>, name: string): T {
  if (Object.hasOwn(parts, name)) return parts[name]!
  throw new PressroomError('model-damaged', `the features have no part called "${name}"`, {
    where: `they have: ${Object.keys(parts).join(', ')}`,
  })
}

export function assemble(settings: FeatureSettings, parts: Parts, selected: Int32Array | null): Features {
  const blocks = blocksOf(parts)
  const all = blocks.reduce((sum, block) => sum + block.columns, 0)
  if (selected?.some((column, i) => column < 0 || column >= all || column <= (selected[i - 1] ?? -1))) {
    throw new PressroomError('model-damaged', 'the selected columns do not fit the features', {
      where: `they must ascend and be below ${all}`,
    })
  }
  const columns = selected?.length ?? all
  const builder = new MatrixBuilder(columns, selected === null ? undefined : placesOf(selected, all))
  const write = (row: FeatureRow, number: number) => {
    let offset = 0
    for (const block of blocks) {
      builder.offset = offset
      block.write(row, number, builder)
      offset += block.columns
    }
    builder.endRow()
  }
  const finished = <T>(body: () => T): T => {
    try {
      return body()
    } catch (error) {
      // Half a row must not become the beginning of the next call's.
      builder.matrix()
      throw error
    }
  }
  return {
    state: {
      settings,
      text: Object.fromEntries([...parts.text].map(([name, { state }]) => [name, state])),
      columns: Object.fromEntries([...parts.columns].map(([name, { state }]) => [name, state])),
      selected,
    },
    columns,
    nameOf(column) {
      let at = selected === null ? column : selected[column]!
      const block = blocks.find(({ columns: width }) => {
        if (at < width) return true
        at -= width
        return false
      })
      return block!.nameOf(at)
    },
    transform: rows =>
      finished(() => {
        const { rows: count, entries } = expectedMatrix(rows, settings)
        builder.expect(count, entries)
        let number = 0
        for (const row of rows) write(row, number++)
        return builder.matrix()
      }),
    async *transformBatches(rows, size = 1024) {
      let batch: FeatureRow[] = []
      for await (const row of rows) {
        if (batch.push(row) < size) continue
        yield this.transform(batch)
        batch = []
      }
      if (batch.length > 0) yield this.transform(batch)
    },
  }
}

function blocksOf({ text, columns }: Parts): Block[] {
  const prefixOf = (name: string) => (text.size > 1 ? `${name}:` : '')
  return [
    ...[...text].map(([name, vectorizer]) => ({
      columns: vectorizer.columns,
      nameOf: (column: number) => prefixOf(name) + vectorizer.nameOf(column),
      write: (row: FeatureRow, _: number, builder: MatrixBuilder) => vectorizer.write(textOf(row), builder),
    })),
    ...[...columns].map(([name, block]) => ({
      columns: block.columns,
      nameOf: block.nameOf,
      write: (row: FeatureRow, number: number, builder: MatrixBuilder) =>
        block.write(cellOf(row, name), number, builder),
    })),
  ]
}
