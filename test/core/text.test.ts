import { describe, expect, test } from '@jest/globals'
import type { SparseMatrix } from '../../core/learn/index.ts'
import { packStrings } from '../../core/text/bytes.ts'
import { DEFAULTS } from '../../core/text/defaults.ts'
import { restoreFeatures } from '../../core/text/index.ts'
import { loadLexicon } from '../../core/text/lexicon.ts'
import { mostFrequent } from '../../core/text/most-frequent.ts'
import { sortStrings } from '../../core/text/order.ts'
import { preparation } from '../../core/text/prepare.ts'
import { ENGLISH_STOP_WORDS } from '../../core/text/stop-words.ts'
import { Tokens } from '../../core/text/tokens.ts'
import { VocabularyFitter } from '../../core/text/vocabulary.ts'
import * as fc from '../support/properties.ts'
import {
  type GoldenFeatures,
  type GoldenMatrix,
  largestDifference,
  readGolden,
  readRows,
} from '../support/sklearn.ts'
import { fitTfidf, ofTexts, type TfidfSettings } from '../support/tfidf.ts'

const PLAIN: TfidfSettings = {
  lowercase: true,
  stopWords: 'none',
  ngramRange: [1, 2],
  maxFeatures: 10_000,
  maxDf: 1,
  minDf: 1,
  sublinearTf: false,
}

describe('features are scikit-learn’s', () => {
  const { stopWords, ...cases } = readGolden('features')
  const rows = readRows()
  const texts = { train: rows.train.map(row => row.text), test: rows.test.map(row => row.text) }

  test('stop words', () => {
    expect([...ENGLISH_STOP_WORDS].sort()).toEqual(stopWords)
  })

  test.each(Object.entries<GoldenFeatures>(cases))('%s', async (_, golden) => {
    const { features, matrix } = await fitTfidf(texts.train, golden.settings)
    expect(features.vocabulary).toEqual(golden.vocabulary)
    expect(largestDifference(features.state.text.text!.idf!, golden.idf)).toBeLessThan(1e-6)
    expectMatrix(matrix, golden.train)
    expectMatrix(features.transform(texts.test), golden.test)

    // What a model folder keeps is enough to get the same bits again.
    const restored = ofTexts(await restoreFeatures(structuredClone(features.state)))
    expect(restored.transform(texts.train)).toEqual(matrix)
  })

  function expectMatrix(matrix: SparseMatrix, golden: GoldenMatrix): void {
    expect(Array.from(matrix.indptr)).toEqual(golden.indptr)
    expect(Array.from(matrix.indices)).toEqual(golden.indices)
    expect(largestDifference(matrix.values, golden.values)).toBeLessThan(1e-6)
  }
})

/** The words of a text as the default tokeniser gives them, in order. */
function words(text: string, lowercase: boolean): string[] {
  const settings = { ...PLAIN, lowercase }
  const tokens = new Tokens(DEFAULTS, preparation({ ...DEFAULTS, ...settings }, undefined))
  tokens.read(text)
  return Array.from({ length: tokens.count }, (_, i) =>
    tokens.bytes.toString('utf8', tokens.starts[i], tokens.ends[i]),
  )
}

describe('words', () => {
  test.each([
    ['Rates held: 5.25%, again', ['rates', 'held', '25', 'again']],
    ['it’s o_O', ['it', 'o_o']],
    ['cafe\u0301 café', ['cafe', 'café']],
    ['İzmir ΟΔΟΣ', ['zmir', 'οδος']],
    ['a \u{1d4b3} \u{1d4b3}\u{1d4b4}', ['\u{1d4b3}\u{1d4b4}']],
    ['lone \ud83d surrogate\udc00s', ['lone', 'surrogate']],
    ['', []],
  ])('%j', (text, expected) => {
    expect(words(text, true)).toEqual(expected)
  })

  test('keep their case when asked to', () => {
    expect(words('Bank of İZMİR', false)).toEqual(['Bank', 'of', 'İZMİR'])
  })
})

describe('order', () => {
  test('is by code point, also above U+FFFF', () => {
    expect(sortStrings(['\u{10000}', '\uff41', 'a b', 'ab', 'a'])).toEqual([
      'a',
      'a b',
      'ab',
      '\uff41',
      '\u{10000}',
    ])
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('a', 'b', '\u{10000}') }),
    )
    const points = (of: string) => Array.from(of, char => char.codePointAt(0)!)
    fc.assert(
      fc.property(fc.uniqueArray(text, { maxLength: 60 }), strings => {
        const expected = strings.toSorted((a, b) => {
          const [x, y] = [points(a), points(b)]
          const i = x.findIndex((point, at) => point !== y[at])
          return i < 0 ? x.length - y.length : i < y.length ? x[i]! - y[i]! : 1
        })
        expect(sortStrings(strings)).toEqual(expected)
      }),
    )
  })

  test('the most frequent are the largest, each position once', () => {
    const totals = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 200 })
    fc.assert(
      fc.property(totals, fc.nat(), (all, seed) => {
        const limit = all.length === 0 ? 0 : seed % (all.length + 1)
        const kept = Array.from(mostFrequent(Int32Array.from(all), limit))
        expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b))
        const largest = all.toSorted((a, b) => b - a).slice(0, limit)
        expect(kept.map(at => all[at]!).sort((a, b) => b - a)).toEqual(largest)
      }),
    )
  })
})

describe('TF-IDF', () => {
  test('counts as a plain count of strings does, over more n-grams than the tables start with', async () => {
    // 6,000 pairs of neighbours out of 3,000 words, and one text of 1,000 words: every table grows.
    const words = (size: number, text: number) =>
      Array.from({ length: size }, (_, i) => `w${(text * 20 + i * i * 7) % 3000}`).join(' ')
    const texts = [...Array.from({ length: 300 }, (_, text) => words(20, text)), words(1000, 0)]
    const { features, matrix } = await fitTfidf(texts, { ...PLAIN, ngramRange: [1, 3], maxFeatures: 1e6 })
    const plain = texts.map(text => {
      const words = text.split(' ')
      return [1, 2, 3].flatMap(n => words.slice(n - 1).map((_, i) => words.slice(i, i + n).join(' ')))
    })
    expect(features.vocabulary).toEqual([...new Set(plain.flat())].sort())
    texts.forEach((_, row) => {
      const columns = Array.from(matrix.indices.subarray(matrix.indptr[row], matrix.indptr[row + 1]))
      expect(columns.map(column => features.vocabulary[column])).toEqual([...new Set(plain[row])].sort())
    })
  })

  test('each row has norm 1 or is empty, and no row depends on its neighbours', async () => {
    const word = fc.constantFrom('bank', 'goal', 'the', 'of', 'Bank', 'é', 'ε', 'x1')
    const texts = fc.array(
      fc.array(word, { maxLength: 12 }).map(words => words.join(' ')),
      { maxLength: 8 },
    )
    const { features } = await fitTfidf(['the bank of goal', 'goal x1 bank bank', 'of goal'], PLAIN)
    fc.assert(
      fc.property(texts, all => {
        const matrix = features.transform(all)
        all.forEach((text, row) => {
          const values = matrix.values.slice(matrix.indptr[row], matrix.indptr[row + 1])
          const norm = values.reduce((sum, value) => sum + value * value, 0)
          if (values.length > 0) expect(norm).toBeCloseTo(1, 12)
          expect(features.transform([text]).values).toEqual(values)
        })
      }),
    )
  })

  test('minDf counts texts, maxDf is a share of them, and both borders stay in', async () => {
    const texts = ['one two three four', 'two three four', 'three three four', 'four']
    const words = async (minDf: number, maxDf: number) =>
      (await fitTfidf(texts, { ...PLAIN, ngramRange: [1, 1], minDf, maxDf })).features.vocabulary
    expect(await words(1, 1)).toEqual(['four', 'one', 'three', 'two'])
    expect(await words(2, 0.75)).toEqual(['three', 'two'])
    expect(await words(3, 0.9)).toEqual(['three'])
  })

  test.each<[string, string[], Partial<TfidfSettings>, RegExp]>([
    ['no texts', [], {}, /none of the 0 texts has a word/],
    ['no words', ['! ?', 'a 1 😀'], {}, /none of the 2 texts has a word/],
    [
      'stop words only',
      ['the of', 'and'],
      { stopWords: 'english' },
      /stopWords: .*\n {2}set stopWords to none/,
    ],
    ['texts too short', ['bank', 'goal'], { ngramRange: [2, 3] }, /ngramRange: no text has 2 words/],
    [
      'all too rare',
      ['bank', 'goal', 'vote'],
      { minDf: 2 },
      /minDf: .* 2 of the 3 texts, as 2 asks; .* is in 1\n/,
    ],
    [
      'all too common',
      ['bank', 'bank'],
      { maxDf: 0.5 },
      /maxDf: .* 1 or more of the 2 texts is in more than 1/,
    ],
    [
      'both at once',
      ['bank', 'bank'],
      { minDf: 2, maxDf: 0.5 },
      /minDf: it asks for 2 .* maxDf 0\.5 for at most 1/,
    ],
  ])('an empty vocabulary says why: %s', async (_, texts, changes, message) => {
    const settings = { ...DEFAULTS, ...PLAIN, ...changes }
    const fitter = new VocabularyFitter('', settings, await loadLexicon(settings))
    for (const text of texts) fitter.add(text)
    const fit = () => fitter.finish()
    expect(fit).toThrow(expect.objectContaining({ code: 'empty-vocabulary' }))
    expect(fit).toThrow(message)
  })

  test('refuses settings and states that contradict themselves', async () => {
    await expect(fitTfidf(['bank'], { ...PLAIN, ngramRange: [2, 1] })).rejects.toThrow(
      expect.objectContaining({ code: 'invalid-setting' }),
    )
    const damaged = expect.objectContaining({ code: 'model-damaged' })
    const { state } = (await fitTfidf(['bank'], PLAIN)).features
    const restore = (vocabulary: string[], idf: number[]) => {
      const text = { text: { vocabulary: packStrings(vocabulary), idf: Float64Array.from(idf) } }
      return restoreFeatures({ ...state, text })
    }
    await expect(restore(['bank', 'goal'], [1])).rejects.toThrow(damaged)
    await expect(restore(['bank', 'bank'], [1, 1])).rejects.toThrow(damaged)
  })
})
