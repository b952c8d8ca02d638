import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import type { SparseMatrix } from '../../core/learn/index.ts'
import { packStrings } from '../../core/text/bytes.ts'
import {
  expectedFeatures,
  type FeatureRow,
  type FeatureSettings,
  type FeatureSettingsInput,
  type FeatureState,
  fitFeatures,
  parseFeatureSettings,
  restoreFeatures,
} from '../../core/text/index.ts'
import { murmur3 } from '../../core/text/murmur.ts'
import { PairSorter } from '../../core/text/sort-pairs.ts'
import { WordTable } from '../../core/text/word-table.ts'
import * as fc from '../support/properties.ts'
import { type GoldenMatrix, largestDifference } from '../support/sklearn.ts'

interface GoldenText {
  readonly train: FeatureRow[]
  readonly test: FeatureRow[]
  readonly labels: string[]
  readonly cases: Record<
    string,
    { settings: FeatureSettings; names?: string[]; trainMatrix: GoldenMatrix; testMatrix: GoldenMatrix }
  >
}

const golden: GoldenText = JSON.parse(
  readFileSync(new URL('../goldens/sklearn/text.json', import.meta.url), 'utf8'),
)

describe('matrices are scikit-learn’s', () => {
  test.each(Object.keys(golden.cases))('%s', async name => {
    const { settings, names, trainMatrix, testMatrix } = golden.cases[name]!
    const { features, matrix } = await fitFeatures(golden.train, golden.labels, settings)
    if (names !== undefined) expect(names.map((_, column) => features.nameOf(column))).toEqual(names)
    expectMatrix(matrix, trainMatrix)
    expectMatrix(features.transform(golden.test), testMatrix)
    // What is kept, copied as a file would be, gives the same bits again.
    const restored = await restoreFeatures(structuredClone(features.state))
    expect(restored.transform(golden.train)).toEqual(matrix)
  })

  function expectMatrix(matrix: SparseMatrix, expected: GoldenMatrix): void {
    expect(Array.from(matrix.indptr)).toEqual(expected.indptr)
    expect(Array.from(matrix.indices)).toEqual(expected.indices)
    expect(largestDifference(matrix.values, expected.values)).toBeLessThan(1e-6)
  }
})

describe('words', () => {
  const wordsOf = async (texts: string[], settings: object) => {
    const { features } = await fitFeatures(texts, undefined, { text: { text: settings } })
    return Array.from({ length: features.columns }, (_, column) => features.nameOf(column))
  }

  test('by Unicode’s boundaries', async () => {
    expect(await wordsOf(["It's 3.5 km, a b"], { tokenizer: 'unicode' })).toEqual([
      '3.5',
      'a',
      'b',
      "it's",
      'km',
    ])
  })

  test('texts are as long as Python’s strip leaves them', async () => {
    const words = await wordsOf(['\x1cabc\x85', '\ufeffdefg', 'hi \u{1f600}\u{1f600}'], { minTextLength: 5 })
    expect(words).toEqual(['defg', 'hi'])
  })

  // What Python's re.findall gives for the lower-cased text.
  test.each([
    [String.raw`(?u)\b\w+\b`, ['a', 'b_c', 'd', 'don', 't', 'é', '４2', '𝒳y']],
    [String.raw`\w\w+`, ['b_c', 'don', '４2', '𝒳y']],
    [String.raw`\S{4,}`, ["don't"]],
    ['[a-zA-Z]+', ['a', 'b', 'c', 'd', 'don', 't', 'y']],
    [String.raw`\b[a-z]+\b`, ['a', 'd', 'don', 't']],
    [String.raw`\b[^\W\d_]+\b`, ['a', 'd', 'don', 't', 'é', '𝒳y']],
    [String.raw`[\w'\-]+`, ['-d', 'a', 'b_c', "don't", 'é', '４2', '𝒳y']],
    [String.raw`\d+`, ['４2']],
    ['[à-þ]+', ['é']],
  ])('by the pattern %s', async (tokenPattern, expected) => {
    const words = await wordsOf(["A b_c -D! Don't É ４2 𝒳y"], { tokenPattern })
    expect(words).toEqual(expected)
  })

  test.each([
    String.raw`\w+s`,
    String.raw`\w*`,
    String.raw`\w{2}`,
    String.raw`\w{0,}`,
    String.raw`\b\S+\b`,
    String.raw`\b[a-z]+`,
    '(?i)[a-z]+',
    '([a-z]+)',
    '[^,]+',
    '[z-a]+',
    '[a',
    '',
  ])('the pattern %j is refused', tokenPattern => {
    expect(() => parseFeatureSettings({ text: { text: { tokenPattern } } })).toThrow('tokenPattern must be')
  })

  test('NLTK’s stop words', async () => {
    expect(
      await wordsOf(["you shouldn't say the word"], { stopWords: 'nltk', tokenizer: 'unicode' }),
    ).toEqual(['say', 'word'])
  })

  test.each([
    ['noun', ['banks were running firemen'], ['bank', 'fireman', 'running', 'were']],
    ['verb', ['banks were running firemen'], ['bank', 'be', 'firemen', 'run']],
    ['noun-verb', ['banks were running firemen'], ['bank', 'be', 'fireman', 'run']],
    // As NLTK answers: the shortest form that WordNet has, the word itself among them.
    [
      'noun',
      ['us men has kms axes 1000s kinsmen bikers'],
      ['1000', 'ax', 'bikers', 'ha', 'kinsman', 'km', 'men', 'u'],
    ],
    ['verb', ['am upped rates feed could going'], ['be', 'could', 'fee', 'go', 'rat', 'up']],
    // What lies in Object.prototype is no word of a dictionary.
    ['noun', ['constructor toString'], ['constructor', 'tostring']],
  ])('lemmas: %s', async (lemmas, texts, words) => {
    expect(await wordsOf(texts, { lemmas })).toEqual(words)
  })

  test('lemmas count together, when fitting and after, in a vocabulary and hashed', async () => {
    const text = { lemmas: 'noun', stopWords: ['of'], norm: 'none', ngramRange: [1, 2] } as const
    const rows = ['bank of firemen', 'banks fireman of']
    const { features, matrix } = await fitFeatures(rows, undefined, {
      text: { text: { ...text, useIdf: false } },
    })
    expect(Array.from(matrix.values)).toEqual([1, 1, 1, 1, 1, 1])
    expect(features.transform([...rows, 'unseen firemen'])).toMatchObject({
      indptr: Int32Array.of(0, 3, 6, 7),
    })
    const hashed = await fitFeatures(rows, undefined, { text: { text: { ...text, vectorizer: 'hashing' } } })
    expect(hashed.matrix.indices.slice(0, 3)).toEqual(hashed.matrix.indices.slice(3))
  })
})

test('a stream gives what a list gives, whole and in batches', async () => {
  const rows = Array.from({ length: 50 }, (_, i) => `row ${i % 7} of the ${i % 5}th kind`)
  async function* stream() {
    yield* rows
  }
  const settings: FeatureSettingsInput = { text: { text: { ngramRange: [1, 2] } } }
  const { features, matrix } = await fitFeatures(rows, undefined, settings)
  expect((await fitFeatures(stream(), undefined, settings)).matrix).toEqual(matrix)
  const batches: SparseMatrix[] = []
  for await (const batch of features.transformBatches(stream(), 8)) batches.push(batch)
  expect(batches.map(batch => batch.rows)).toEqual([8, 8, 8, 8, 8, 8, 2])
  expect(Float64Array.from(batches.flatMap(batch => [...batch.values]))).toEqual(matrix.values)
})

test('no row depends on its neighbours, whatever blocks there are', async () => {
  const settings: FeatureSettingsInput = {
    text: {
      words: { ngramRange: [1, 2] },
      characters: { analyzer: 'char_wb', ngramRange: [2, 4] },
      hashed: { vectorizer: 'hashing', nFeatures: 32 },
    },
  }
  const { features } = await fitFeatures(
    ['the bank of goal', 'goal x1 bank bank', 'café goal'],
    undefined,
    settings,
  )
  const word = fc.constantFrom('bank', 'goal', 'the', 'Bank', 'é', 'café', 'x1', '\u{1f600}')
  const texts = fc.array(
    fc.array(word, { maxLength: 9 }).map(words => words.join(' ')),
    { maxLength: 6 },
  )
  fc.assert(
    fc.property(texts, all => {
      const matrix = features.transform(all)
      all.forEach((text, row) => {
        const [from, to] = [matrix.indptr[row], matrix.indptr[row + 1]]
        const alone = features.transform([text])
        expect(alone.indices).toEqual(matrix.indices.slice(from, to))
        expect(alone.values).toEqual(matrix.values.slice(from, to))
      })
    }),
  )
})

test('a word that only ever ends n-grams is none by itself, however many words there are', async () => {
  // The tables start with 2,048 words; the one behind them is the last.
  const words = Array.from({ length: 2048 }, (_, i) => `w${String(i).padStart(4, '0')}`)
  const settings = parseFeatureSettings({ text: { text: { vectorizer: 'count', ngramRange: [1, 2] } } })
  const vocabulary = packStrings([...words, 'w2047 last'])
  const features = await restoreFeatures({
    settings,
    text: { text: { vocabulary } },
    columns: {},
    selected: null,
  })
  expect(Array.from(features.transform(['last', 'w2047 last']).indices)).toEqual([2047, 2048])
  expect(Array.from(features.transform(['last', 'w2047 last']).indptr)).toEqual([0, 0, 2])
})

describe('parts', () => {
  test('words of equal hash stay apart', () => {
    const table = new WordTable()
    const view = (word: string) => new DataView(Uint8Array.from(Buffer.from(`${word}    `)).buffer)
    const words = ['one', 'two', 'on', 'ones', 'onest', 'onesi', 'twenty-one', 'twenty-two', '']
    words.forEach((word, i) => {
      expect(table.find(view(word), 0, word.length, 7)).toBe(-1)
      expect(table.add(view(word), 0, word.length, 7)).toBe(i)
    })
    expect(words.map(word => table.add(view(`_${word}`), 1, word.length + 1, 7))).toEqual([...words.keys()])
  })

  test('pairs sort as stable pairs, few and many', () => {
    const pairs = fc.array(fc.tuple(fc.nat(2 ** 31 - 1), fc.nat(9)), { maxLength: 300 })
    const sorter = new PairSorter()
    fc.assert(
      fc.property(pairs, all => {
        const [keys, values] = [0, 1].map(i => Int32Array.from(all, pair => pair[i as 0 | 1]))
        sorter.sort(keys!, values!, all.length)
        const expected = all.toSorted((a, b) => a[0] - b[0])
        expect(Array.from(keys!, (key, i) => [key, values![i]])).toEqual(expected)
      }),
    )
  })

  test('a vocabulary that outgrows every table is learnt, kept and found again', async () => {
    const words = 100_000
    // As a stream, of which nobody knows how much will come.
    async function* strangers() {
      for (let from = 0; from < words; from += 100) {
        yield Array.from({ length: 100 }, (_, i) => `word${from + i}`).join(' ')
      }
    }
    const { features, matrix } = await fitFeatures(strangers(), undefined, {})
    expect([features.columns, matrix.indices.length]).toEqual([words, words])
    const restored = await restoreFeatures(structuredClone(features.state))
    expect(restored.nameOf(99_999)).toBe('word99999')
    const { indices } = restored.transform(['word99999 word7 unheard', 'word50000'])
    expect(Array.from(indices, column => restored.nameOf(column))).toEqual([
      'word7',
      'word99999',
      'word50000',
    ])
  })

  test('the entries expected of texts are about what they come to', async () => {
    const rows = readFileSync(new URL('../../examples/newsroom/news.csv', import.meta.url), 'utf8').split(
      '\n',
    )
    const expected = { rows: rows.length, characters: rows.join('').length }
    for (const text of [
      { words: { ngramRange: [1, 2] } },
      { characters: { analyzer: 'char_wb', ngramRange: [2, 5] } },
    ] as const) {
      const { matrix } = await fitFeatures(rows, undefined, { text })
      const ratio = expectedFeatures(expected, { text }).entries / matrix.indices.length
      expect(ratio).toBeGreaterThan(1 / 3)
      expect(ratio).toBeLessThan(3)
    }
  })

  // Of Austin Appleby's smhasher, as sklearn.utils.murmurhash3_32 gives them.
  test.each([
    ['', 0],
    ['a', 1009084850],
    ['hello', 613153351],
    ['hello world', 1586663183],
  ])('MurmurHash3 of %j', (text, hash) => {
    const bytes = Buffer.from(`<${text}>`)
    expect(murmur3(bytes, 1, bytes.length - 1)).toBe(hash)
  })
})

describe('bad input', () => {
  const refusal = async (rows: Iterable<FeatureRow>, input: unknown, labels?: string[]) =>
    fitFeatures(rows, labels, input as FeatureSettingsInput).then(
      () => {
        throw new Error('nothing was refused')
      },
      error => error,
    )

  test('every fault of the settings at once', () => {
    const input = {
      text: {
        words: { ngramRange: [2, 1], minDf: -1, stopwords: 'english', maxFeatures: 0, norm: 'l3', weight: 0 },
        hashed: { vectorizer: 'hashing', maxDf: 0.5, nFeatures: 2.5 },
        characters: { analyzer: 'char', stopWords: 'nltk', minDf: 5, maxDf: 3 },
        shares: { minDf: 0.9, maxDf: 0.5 },
        7: {},
      },
      columns: { age: { kind: 'number' }, source: { kind: 'categorical', scale: 'none' } },
      select: { k: 0, score: 'f' },
      texts: {},
    }
    expect(() => parseFeatureSettings(input)).toThrow(expect.objectContaining({ code: 'invalid-setting' }))
    let faults: string[] = []
    try {
      parseFeatureSettings(input)
    } catch (error) {
      faults = (error as { where: string }).where.split('\n').map(line => line.trim())
    }
    expect(faults).toEqual([
      'there is no texts; did you mean "text"?',
      'text cannot have the name "7"; begin it with a letter',
      'text.words has no stopwords; did you mean "stopWords"?',
      'text.words.weight must be a number above 0, not 0',
      'text.words.ngramRange must be two whole numbers from 1 to 16, the fewer first, not [2,1]',
      'text.words.minDf must be a whole number of texts, or a share below 1, not -1',
      'text.words.maxFeatures must be a whole number from 1 up, or null, not 0',
      'text.words.norm must be "l1" or "l2" or "none", not "l3"',
      'text.hashed.maxDf is a setting of vectorizer tfidf and count, not of "hashing"',
      'text.hashed.nFeatures must be a whole number from 1 to 1073741824, not 2.5',
      'text.characters.stopWords is a setting of analyzer word, not of "char"',
      'text.characters.minDf is 5, above maxDf, which is 3',
      'text.shares.minDf is 0.9, above maxDf, which is 0.5',
      'columns.age.kind must be "numeric" or "categorical", not "number"',
      'columns.source has no scale',
      'select has no score; it has k',
      'select.k must be a whole number from 1 up, not 0',
    ])
  })

  test.each<[string, FeatureRow[], unknown, string, RegExp]>([
    ['no rows', [], {}, 'no-rows', /there are no rows/],
    ['nothing to learn from', ['a'], { text: {} }, 'invalid-setting', /text and columns are both empty/],
    ['no words', ['! ?', ''], {}, 'empty-vocabulary', /none of the 2 texts has a word/],
    [
      'no characters',
      [' ', ''],
      { text: { text: { analyzer: 'char_wb' } } },
      'empty-vocabulary',
      /has a character/,
    ],
    [
      'only stop words',
      ['the of', 'and'],
      { text: { text: { stopWords: 'nltk' } } },
      'empty-vocabulary',
      /stopWords: every word/,
    ],
    [
      'minTextLength',
      ['short', 'text'],
      { text: { text: { minTextLength: 10 } } },
      'empty-vocabulary',
      /minTextLength: with it set to 10 none of the 2 texts/,
    ],
    [
      'removeNumbers',
      ['12 34', '567'],
      { text: { text: { removeNumbers: true, removeUrls: true } } },
      'empty-vocabulary',
      /removeNumbers: with it set to true/,
    ],
    [
      'stripAccents',
      ['привет мир'],
      { text: { a: { stripAccents: 'ascii' }, b: {} } },
      'empty-vocabulary',
      /text\.a\.stripAccents: with it set to "ascii"/,
    ],
    [
      'minDf as a share',
      ['one', 'two'],
      { text: { text: { minDf: 0.9 } } },
      'empty-vocabulary',
      /minDf: no n-gram is in 2/,
    ],
    ['selection without labels', ['one', 'two'], { select: { k: 1 } }, 'invalid-setting', /needs labels/],
    [
      'an empty numeric cell',
      [
        { text: 'a', columns: { age: 1 } },
        { text: 'b', columns: { age: ' ' } },
      ],
      { text: {}, columns: { age: { kind: 'numeric' } } },
      'invalid-rows',
      /"age" is empty in row 2\n {2}fill the cell, keep the column .*, or set columns\.age\.missing to mean/,
    ],
    [
      'NaN',
      [{ columns: { age: Number.NaN } }],
      { text: {}, columns: { age: { kind: 'numeric' } } },
      'invalid-rows',
      /"age" is empty in row 1/,
    ],
    [
      'no number',
      [{ columns: { age: '12 years' } }],
      { text: {}, columns: { age: { kind: 'numeric', missing: 'mean' } } },
      'invalid-rows',
      /has no number in row 1\n {2}it has "12 years"/,
    ],
    [
      'a column of empty cells',
      ['a', 'b'],
      { text: {}, columns: { age: { kind: 'numeric', missing: 'mean' } } },
      'invalid-rows',
      /"age" is empty in every row/,
    ],
    [
      'a column that the rows do not have',
      ['a', 'b'],
      { text: {}, columns: { source: { kind: 'categorical' } } },
      'invalid-rows',
      /"source" is empty in every row\n {2}check its name, keep it when the rows are ingested/,
    ],
    [
      'a share of the texts that is less than one',
      ['one two', 'three four'],
      { text: { text: { maxDf: 0.1 } } },
      'empty-vocabulary',
      /maxDf: 0\.1 of the 2 texts is less than one/,
    ],
  ])('%s', async (_, rows, input, code, message) => {
    const error = await refusal(rows, input)
    expect(error).toMatchObject({ code })
    expect(error.message).toMatch(message)
  })

  test('labels that do not fit the rows, one class, negative values under chi-squared', async () => {
    const input = { select: { k: 1 } }
    expect(await refusal(['one', 'two'], input, ['a'])).toMatchObject({ code: 'invalid-rows' })
    expect(await refusal(['one', 'two'], input, ['a', 'a'])).toMatchObject({ code: 'too-few-classes' })
    const signed = { ...input, text: { text: { vectorizer: 'hashing', nFeatures: 8 } } }
    const error = await refusal(['one two three four five', 'six'], signed, ['a', 'b'])
    expect(error.message).toMatch(/chi-squared needs values of 0 or more\n.*"hash \d" has -/)
  })

  test('an unknown category is an error when it is to be one, and leaves nothing behind', async () => {
    const input: FeatureSettingsInput = {
      columns: { source: { kind: 'categorical', handleUnknown: 'error' } },
    }
    const row = (source: string) => ({ text: 'some words', columns: { source } })
    const { features, matrix } = await fitFeatures([row('wire'), row('blog')], undefined, input)
    expect(() => features.transform([row('wire'), row('wires')])).toThrow(
      /"wires"; it knows 2: "blog", "wire"/,
    )
    expect(features.transform([row('wire'), row('blog')])).toEqual(matrix)
  })

  const twice = { bytes: Buffer.from('oneone'), ends: Uint32Array.of(3, 6) }
  test.each<[string, (state: FeatureState) => Partial<FeatureState>]>([
    ['weights of another length', of => ({ text: { text: { ...of.text.text, idf: new Float64Array(1) } } })],
    ['no weights', ({ text }) => ({ text: { text: { vocabulary: text.text!.vocabulary! } } })],
    ['no vocabulary', ({ text }) => ({ text: { text: { idf: text.text!.idf! } } })],
    ['an n-gram twice', ({ text }) => ({ text: { text: { ...text.text, vocabulary: twice } } })],
    ['a part missing', () => ({ text: {} })],
    ['selected columns out of order', () => ({ selected: Int32Array.of(1, 0) })],
    ['selected columns beyond the last', () => ({ selected: Int32Array.of(2) })],
  ])('a damaged state: %s', async (_, damage) => {
    const { state } = (await fitFeatures(['one two', 'two'], undefined, {})).features
    const damaged = { ...state, ...damage(state) }
    await expect(restoreFeatures(damaged)).rejects.toMatchObject({ code: 'model-damaged' })
  })

  test('texts of a megabyte, of one word and of many', async () => {
    const long = 'é'.repeat(5e5)
    const many = 'ab cd '.repeat(1e5)
    const { features, matrix } = await fitFeatures([long, many, `${long} `], undefined, {
      text: { words: { norm: 'none', useIdf: false }, hashed: { vectorizer: 'hashing', nFeatures: 16 } },
    })
    expect(features.columns).toBe(3 + 16)
    expect(Array.from(matrix.values.slice(0, 1))).toEqual([1])
    expect(Math.max(...matrix.values)).toBe(1e5)
  })
})
