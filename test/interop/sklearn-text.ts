/** Matrices of core/text beside scikit-learn's: every setting, on a fuzz of Unicode text and, where it is there, on AG News. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { readRows } from '../../core/data/index.ts'
import type { SparseMatrix } from '../../core/learn/index.ts'
import {
  type FeatureRow,
  type FeatureSettingsInput,
  fitFeatures,
  parseFeatureSettings,
  restoreFeatures,
} from '../../core/text/index.ts'
import { runScript } from './python.ts'
import type { Checks } from './suite.ts'

const AG_NEWS = resolve(import.meta.dirname, '../../../shared/data/ag_news')
const TOLERANCE = 1e-6

interface Rows {
  readonly train: readonly FeatureRow[]
  readonly test: readonly FeatureRow[]
  readonly labels: readonly string[]
}

const word = (settings: object): FeatureSettingsInput => ({ text: { text: settings } })

/** What is compared; the goldens of test/core/text.test.ts have the same. Each setting at each of its values, alone or with what it depends on. */
export const SETTINGS: Readonly<Record<string, FeatureSettingsInput>> = {
  defaults: {},
  'case kept': word({ lowercase: false }),
  'accents, unicode': word({ stripAccents: 'unicode' }),
  'accents, ascii': word({ stripAccents: 'ascii' }),
  'accents, case kept': word({ stripAccents: 'unicode', lowercase: false }),
  NFC: word({ unicodeForm: 'NFC' }),
  NFKC: word({ unicodeForm: 'NFKC' }),
  entities: word({ decodeEntities: true }),
  'URLs and mentions': word({ removeUrls: true, removeMentions: true }),
  numbers: word({ removeNumbers: true }),
  punctuation: word({ removePunctuation: true }),
  'short texts': word({ minTextLength: 10 }),
  'all of normalisation': word({
    decodeEntities: true,
    unicodeForm: 'NFKC',
    removeUrls: true,
    removeMentions: true,
    stripAccents: 'unicode',
    removeNumbers: true,
    removePunctuation: true,
    minTextLength: 5,
  }),
  'word 1-3-grams': word({ ngramRange: [1, 3] }),
  'word 2-2-grams': word({ ngramRange: [2, 2] }),
  'English stop words': word({ stopWords: 'english', ngramRange: [1, 2] }),
  'stop words of one’s own': word({ stopWords: ['the', 'σ', 'of'], ngramRange: [1, 2] }),
  ...Object.fromEntries(
    [
      String.raw`(?u)\b\w+\b`,
      String.raw`\w{3,}`,
      '[a-zA-Z]+',
      String.raw`(?u)\b[a-zA-Z]{2,}\b`,
      String.raw`[^\W\d_]+`,
      String.raw`\b[^\d\W]+\b`,
      String.raw`[\w'-]+`,
      String.raw`\d\d+`,
      '[А-яё]+',
    ].map(tokenPattern => [`words by ${tokenPattern}`, word({ tokenPattern, ngramRange: [1, 2] })]),
  ),
  // Of single words: where words hold control characters, n-grams of several stand in another order.
  'words by \\S+': word({ tokenPattern: String.raw`\S+` }),
  'words by [a-zA-Z]+, case kept': word({ tokenPattern: '[a-zA-Z]+', lowercase: false }),
  characters: word({ analyzer: 'char', ngramRange: [1, 3] }),
  'characters, 3 only': word({ analyzer: 'char', ngramRange: [3, 3], lowercase: false }),
  'characters in words': word({ analyzer: 'char_wb', ngramRange: [2, 5] }),
  'characters in words, long': word({ analyzer: 'char_wb', ngramRange: [5, 6], stripAccents: 'ascii' }),
  'characters in words, 1': word({ analyzer: 'char_wb', ngramRange: [1, 2] }),
  counts: word({ vectorizer: 'count', ngramRange: [1, 2] }),
  'counts, binary': word({ vectorizer: 'count', binary: true, analyzer: 'char', ngramRange: [2, 2] }),
  'binary with idf': word({ binary: true }),
  'no idf': word({ useIdf: false, sublinearTf: true }),
  'idf that is not smooth': word({ smoothIdf: false }),
  'norm l1': word({ norm: 'l1' }),
  'no norm': word({ norm: 'none', sublinearTf: true }),
  'df as counts': word({ minDf: 2, maxDf: 20 }),
  'df as shares': word({ minDf: 0.0005, maxDf: 0.05 }),
  'the most frequent, with ties': word({ maxFeatures: 3000, ngramRange: [1, 2] }),
  'the most frequent, binary': word({ maxFeatures: 500, binary: true, vectorizer: 'count', minDf: 2 }),
  hashing: word({ vectorizer: 'hashing' }),
  'hashing into few columns': word({ vectorizer: 'hashing', nFeatures: 1000, ngramRange: [1, 2] }),
  'hashing, all signs positive': word({
    vectorizer: 'hashing',
    nFeatures: 2 ** 12,
    alternateSign: false,
    norm: 'l1',
  }),
  'hashing, binary': word({ vectorizer: 'hashing', nFeatures: 64, binary: true, norm: 'none' }),
  'hashing of stop words': word({ vectorizer: 'hashing', stopWords: 'english', ngramRange: [2, 3] }),
  'hashing of characters': word({
    vectorizer: 'hashing',
    analyzer: 'char_wb',
    ngramRange: [3, 5],
    nFeatures: 2 ** 16,
  }),
  union: {
    text: {
      words: { ngramRange: [1, 2], minDf: 2, sublinearTf: true },
      characters: { analyzer: 'char_wb', ngramRange: [2, 4], weight: 0.5, minDf: 3 },
    },
  },
  'union with selection': {
    text: { words: { minDf: 2 }, hashed: { vectorizer: 'hashing', nFeatures: 512, alternateSign: false } },
    select: { k: 400 },
  },
  selection: { text: { text: { minDf: 2, ngramRange: [1, 2] } }, select: { k: 1000 } },
}

const AG_SETTINGS: Readonly<Record<string, FeatureSettingsInput>> = {
  'seed 002': word({
    maxFeatures: 10_000,
    ngramRange: [1, 2],
    stopWords: 'english',
    maxDf: 0.95,
    minDf: 2,
    sublinearTf: true,
  }),
  'seed 002, 5,000 selected': {
    text: { text: { maxFeatures: 10_000, ngramRange: [1, 2], stopWords: 'english', maxDf: 0.95, minDf: 2 } },
    select: { k: 5000 },
  },
  'words and characters': {
    text: {
      words: { ngramRange: [1, 2], sublinearTf: true, minDf: 2 },
      characters: { analyzer: 'char_wb', ngramRange: [2, 5], sublinearTf: true, minDf: 2 },
    },
  },
  hashing: word({ vectorizer: 'hashing', nFeatures: 2 ** 18, ngramRange: [1, 2] }),
}

const COLUMNS: FeatureSettingsInput = {
  text: { text: { minDf: 1 } },
  columns: {
    length: { kind: 'numeric', missing: 'mean' },
    share: { kind: 'numeric', scale: 'minmax', missing: 'mean' },
    same: { kind: 'numeric' },
    source: { kind: 'categorical' },
  },
}

/** The checks against the Python that has scikit-learn; `folder` is for scratch. */
export async function textChecks(t: Checks, python: string, folder: string): Promise<void> {
  const fuzz = await fuzzRows(python, join(folder, 'fuzz.json'))
  const compare = (title: string, settings: FeatureSettingsInput, rows: Rows) =>
    t.check(title, () => requireSame(python, folder, settings, rows))
  for (const [name, settings] of Object.entries(SETTINGS))
    await compare(`text, fuzz: ${name}`, settings, fuzz)
  await compare('text: columns beside it', COLUMNS, columnRows())
  await compare('text: columns instead of it', { ...COLUMNS, text: {} }, columnRows())
  if (!existsSync(join(AG_NEWS, 'train.csv'))) {
    t.skip(
      'text, AG News',
      'the corpus is for research only and is not part of the project; it is not beside it',
    )
    return
  }
  const news = await newsRows()
  for (const [name, settings] of Object.entries(AG_SETTINGS)) {
    await compare(`text, AG News: ${name}`, settings, news)
  }
}

async function fuzzRows(python: string, file: string): Promise<Rows> {
  await runScript(python, 'sklearn_text.py', 'fuzz', file)
  const texts: string[] = JSON.parse(await readFile(file, 'utf8'))
  const train = texts.filter((_, i) => i % 5 !== 4)
  return { train, test: texts.filter((_, i) => i % 5 === 4), labels: train.map((_, i) => `class ${i % 3}`) }
}

function columnRows(): Rows {
  const rows = Array.from({ length: 60 }, (_, i) => ({
    text: `row ${i % 7} of ${i % 3}`,
    columns: {
      length: i % 11 === 5 ? '' : `${(i * 37) % 23}`,
      share: i % 13 === 2 ? null : i / 100,
      same: 7,
      source: ['wire', 'Blog', 'é', '', '\u{1f600}', '\uff41'][i % (i < 40 ? 5 : 6)]!,
    },
  }))
  const train = rows.slice(0, 40)
  return { train, test: rows.slice(40), labels: train.map((_, i) => `${i % 2}`) }
}

async function newsRows(): Promise<Rows> {
  const [train, test] = await Promise.all(
    ['train.csv', 'test.csv'].map(async file => (await readRows(join(AG_NEWS, file))).rows),
  )
  const texts = (rows: typeof train) => rows!.map(row => row.text)
  return { train: texts(train), test: texts(test), labels: train!.map(row => row.label) }
}

async function requireSame(
  python: string,
  scratch: string,
  input: FeatureSettingsInput,
  { train, test, labels }: Rows,
): Promise<void> {
  const folder = join(scratch, 'case')
  await mkdir(folder, { recursive: true })
  const settings = parseFeatureSettings(input)
  const file = join(folder, 'case.json')
  await writeFile(file, JSON.stringify({ settings, train, test, labels }))
  await runScript(python, 'sklearn_text.py', 'fit', file, folder)

  const { features, matrix } = await fitFeatures(train, labels, input)
  const names: string[] = JSON.parse(await readFile(join(folder, 'vocabulary.json'), 'utf8'))
  assert.equal(features.columns, names.length)
  const other = names.findIndex((name, column) => features.nameOf(column) !== name)
  assert.equal(
    other,
    -1,
    `column ${other} is ${names[other]}, not ${other < 0 ? '' : features.nameOf(other)}`,
  )
  await requireSameMatrix(matrix, join(folder, 'train'))
  await requireSameMatrix(features.transform(test), join(folder, 'test'))
  const restored = await restoreFeatures(structuredClone(features.state))
  assert.deepEqual(
    restored.transform(train.slice(0, 500)).values,
    matrix.values.slice(0, matrix.indptr[Math.min(500, train.length)]),
  )
}

async function requireSameMatrix(ours: SparseMatrix, stem: string): Promise<void> {
  const read = async (name: string) => (await readFile(`${stem}.${name}`)).buffer as ArrayBuffer
  const indptr = new Int32Array(await read('indptr'))
  const indices = new Int32Array(await read('indices'))
  const values = new Float64Array(await read('values'))
  const row = ours.indptr.findIndex((end, i) => end !== indptr[i])
  assert.equal(row, -1, `row ${row - 1} of ${stem} has other entries`)
  assert.equal(ours.indices.length, indices.length)
  assert.equal(
    ours.indices.findIndex((column, i) => column !== indices[i]),
    -1,
    'columns differ',
  )
  let largest = 0
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(ours.values[i]! - values[i]!))
  assert.ok(largest <= TOLERANCE, `values differ by up to ${largest}`)
}
