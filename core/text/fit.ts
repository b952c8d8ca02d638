import { PressroomError } from '../errors.ts'
import { paceOf } from '../learn/control.ts'
import type { SparseMatrix } from '../learn/matrix.ts'
import { selectByChi2, selectColumns } from './chi2.ts'
import { ColumnFitter } from './column-block.ts'
import { expectedOf } from './expected.ts'
import { assemble, type Features } from './features.ts'
import { loadLexicon } from './lexicon.ts'
import { MatrixBuilder } from './matrix-builder.ts'
import { sortStrings } from './order.ts'
import { type FeatureSettingsInput, parseFeatureSettings } from './parse-settings.ts'
import { cellOf, type FeatureRow, textOf } from './rows.ts'
import { fitVectorizer, type VectorizerFitter } from './vectorizer.ts'

/** Classes of rows: names, or numbers. */
export type Labels = readonly (string | number)[] | Int32Array

/** Rows between two looks at the clock: well under a millisecond. */
const ROWS_A_LOOK = 16

/** Features, and the matrix of the rows that they were fitted on. */
export interface FittedFeatures {
  readonly features: Features
  readonly matrix: SparseMatrix
}

/**
 * Learns how to turn rows like these into a matrix, in one pass over them; memory is bounded by the n-grams found and by the
 * matrix, so that rows may come from a stream. Rows are equal to scikit-learn's: docs/text.md says to what extent.
 *
 * @param labels of the rows, in order; only `select` asks for them
 * @param control a signal, looked at every few milliseconds while rows are read and written
 * @throws PressroomError `invalid-setting`; `no-rows`; `empty-vocabulary`, naming the setting that removed the last n-gram;
 * `invalid-rows` for cells of named columns, and labels that do not fit the rows; `too-few-classes`; `package-missing`; `cancelled`
 */
export async function fitFeatures(
  rows: Iterable<FeatureRow> | AsyncIterable<FeatureRow>,
  labels: Labels | undefined,
  input: FeatureSettingsInput,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<FittedFeatures> {
  const settings = parseFeatureSettings(input)
  const vectorizers = new Map<string, VectorizerFitter>()
  const expected = expectedOf(rows)
  const several = Object.keys(settings.text).length > 1
  for (const [name, vectorizer] of Object.entries(settings.text)) {
    const lexicon = await loadLexicon(vectorizer)
    vectorizers.set(name, fitVectorizer(several ? `text.${name}` : '', vectorizer, lexicon, expected))
  }
  const columns = new Map(
    Object.entries(settings.columns).map(([name, column]) => [name, new ColumnFitter(name, column)]),
  )

  let count = 0
  const readers = [...vectorizers.values()]
  const cellReaders = [...columns]
  // By index: an iterator a row is garbage until this is compiled.
  const add = (row: FeatureRow) => {
    const text = textOf(row)
    for (let i = 0; i < readers.length; i++) readers[i]!.add(text)
    for (let i = 0; i < cellReaders.length; i++) cellReaders[i]![1].add(cellOf(row, cellReaders[i]![0]))
    count++
  }
  const pace = paceOf(signal)
  // Rows are taken some at a time: waiting for a promise a row would take longer than most rows do.
  if (Symbol.iterator in rows) {
    const iterator = rows[Symbol.iterator]()
    while (eachOfSome(iterator, add)) await pace.turn()
  } else {
    for await (const row of rows) {
      if (count % ROWS_A_LOOK === 0) await pace.turn()
      add(row)
    }
  }
  if (count === 0) {
    throw new PressroomError('no-rows', 'there are no rows to make features of', {
      fix: 'give rows that have a text; cleaning may have left none',
    })
  }
  if (labels !== undefined && labels.length !== count) {
    throw new PressroomError('invalid-rows', `there are ${count} rows and ${labels.length} labels`, {
      fix: 'give a label for each row',
    })
  }

  const texts = [...vectorizers].map(([name, fitter]) => [name, fitter.finish()] as const)
  // What they learnt by is not needed any more, and is as large as the matrix that comes now.
  vectorizers.clear()
  readers.length = 0
  const cells = [...columns].map(([name, fitter]) => [name, fitter.finish()] as const)
  const parts = {
    text: new Map(texts.map(([name, { vectorizer }]) => [name, vectorizer])),
    columns: new Map(cells.map(([name, { block }]) => [name, block])),
  }
  const features = assemble(settings, parts, null)
  const builder = new MatrixBuilder(features.columns)
  builder.reserve(count, texts.reduce((sum, [, { entries }]) => sum + entries, 0) + count * cells.length)
  const writeRow = (row: number) => {
    let offset = 0
    for (const [, { vectorizer, write }] of texts) {
      builder.offset = offset
      write(row, builder)
      offset += vectorizer.columns
    }
    for (const [, { block, write }] of cells) {
      builder.offset = offset
      write(row, builder)
      offset += block.columns
    }
    builder.endRow()
  }
  const numbers = Array(count).keys()
  while (eachOfSome(numbers, writeRow)) await pace.turn()
  const matrix = builder.matrix()
  if (settings.select === null) return { features, matrix }
  const selected = selectByChi2(matrix, classesOf(labels), settings.select.k, features.nameOf)
  return { features: assemble(settings, parts, selected), matrix: selectColumns(matrix, selected) }
}

/** @returns whether there may be more */
function eachOfSome<T>(iterator: Iterator<T>, take: (item: T) => void): boolean {
  for (let i = 0; i < ROWS_A_LOOK; i++) {
    const { done, value } = iterator.next()
    if (done) return false
    take(value)
  }
  return true
}

/** Each row's class from 0 up, in the order of the labels. */
function classesOf(labels: Labels | undefined): Int32Array {
  if (labels === undefined) {
    throw new PressroomError('invalid-setting', 'select: chi-squared needs labels, and there are none', {
      fix: 'give labels, or set select to null',
    })
  }
  const different: readonly (string | number)[] = [...new Set<string | number>(labels)]
  if (different.length < 2) {
    throw new PressroomError('too-few-classes', `every row has the label ${JSON.stringify(different[0])}`, {
      where: 'select: chi-squared compares classes',
      fix: 'give rows of two classes or more, or set select to null',
    })
  }
  const numbers = different.filter(label => typeof label === 'number').sort((a, b) => a - b)
  const names = sortStrings(different.filter(label => typeof label === 'string'))
  const places = new Map([...numbers, ...names].map((label, place) => [label, place]))
  return Int32Array.from(labels as readonly (string | number)[], label => places.get(label)!)
}
