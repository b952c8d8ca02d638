import { describe, expect, test } from '@jest/globals'
import { faultOfGiven } from '../../components/definition/check.ts'
import { heldOut, splitFolds, trainedOn } from '../../core/choose/folds.ts'
import {
  type Candidate,
  choose,
  DEFAULT_CANDIDATES,
  drawFrom,
  type Entry,
  type FitsKeeper,
  type FitsPlace,
  gatherEntries,
  gridOf,
  type KeptFits,
  parseCandidates,
  parseSpace,
  ranked,
  Search,
  type SearchOptions,
  sharesOf,
  survivors,
} from '../../core/choose/index.ts'
import { makeFeatures } from '../../core/choose/jobs.ts'
import { requireSearchMemory } from '../../core/choose/memory.ts'
import { planGroups } from '../../core/choose/plan.ts'
import { rowsAt, shareRows } from '../../core/choose/shared.ts'
import { parseLearner } from '../../core/learn/index.ts'
import { randomFrom } from '../../core/random.ts'
import { parseFeatureSettings } from '../../core/text/index.ts'
import { expectOurs, expectUnpolluted, junk, placesIn, spoilt } from '../support/junk.ts'
import * as fc from '../support/properties.ts'

const WORDS = {
  Sport: ['cup', 'goal', 'league', 'coach', 'match'],
  Money: ['bank', 'shares', 'rates', 'profit', 'oil'],
  Science: ['star', 'gene', 'probe', 'cell', 'atom'],
}
const COMMON = ['the', 'late', 'new', 'high', 'report', 'again']

/** Rows of three classes whose words tell them apart, most of the time. */
function madeUp(each: number, seed = 1) {
  const random = randomFrom(seed)
  const oneOf = (words: readonly string[]) => words[random.next(words.length)]!
  return Array.from({ length: 3 * each }, (_, i) => {
    const label = Object.keys(WORDS)[i % 3] as keyof typeof WORDS
    const own = random.unit() < 0.7 ? WORDS[label] : COMMON
    return { label, text: [oneOf(own), oneOf(COMMON), oneOf(COMMON), oneOf(WORDS[label])].join(' ') }
  })
}

const OPTIONS = { folds: 3, metric: 'accuracy', seed: 7, threads: 1 } as const
const LOGISTIC = { kind: 'logistic-regression' } as const
const withC = (c: number): Candidate => ({
  name: `c ${c}`,
  features: {},
  learner: { ...LOGISTIC, parameters: { c } },
})

function thrownBy(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

describe('folds', () => {
  test.each([
    [['a', 'a', 'a', 'b', 'b'], 3, /folds is 3, and class "b" has 2 rows[\s\S]*give 2 folds at most/],
    [['a', 'a', 'b'], 2, /class "b" has 1 row\b[\s\S]*leave it out/],
    [['a', 'a', 'a'], 2, /at least two classes/],
    [[], 2, /no rows/],
    [['a', 'b'], 1, /folds is 1/],
    [['a', 'b'], Number.NaN, /folds is NaN/],
  ])('of %j into %d are refused', (labels, folds, message) => {
    expect(() => splitFolds(labels, folds, 7)).toThrow(message)
  })

  test('train on all other rows; a larger share has the rows of a smaller one, and every class', () => {
    const labelled = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 40 })
    fc.assert(
      fc.property(labelled, fc.integer({ min: 2, max: 4 }), fc.nat(9), (more, folds, seed) => {
        const labels = [...['a', 'b', 'c'].flatMap(label => Array(folds).fill(label) as string[]), ...more]
        const split = splitFolds(labels, folds, seed)
        for (let fold = 0; fold < folds; fold++) {
          const all = [...trainedOn(split, fold, 1)]
          expect([...all, ...heldOut(split, fold)].sort((a, b) => a - b)).toEqual([...labels.keys()])
          const [few, many] = [0.2, 0.6].map(share => [...trainedOn(split, fold, share)])
          expect(many).toEqual(expect.arrayContaining(few!))
          expect(all).toEqual(expect.arrayContaining(many!))
          expect(new Set(few!.map(row => labels[row])).size).toBe(3)
        }
      }),
      { numRuns: 50 },
    )
  })
})

describe('a search', () => {
  test('learns nothing from the rows held out: whatever they say, the matrix is the same', async () => {
    const anything = fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 12, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(anything, fc.nat(2), async (texts, fold) => {
        const rows = madeUp(12)
        const split = splitFolds(
          rows.map(row => row.label),
          3,
          7,
        )
        const held = [...heldOut(split, fold)]
        const changed = rows.map((row, i) =>
          held.includes(i) ? { ...row, text: texts[held.indexOf(i)]! } : row,
        )
        const settings = { text: { text: { minDf: 2, maxDf: 0.9, maxFeatures: 15 } }, select: { k: 8 } }
        const job = { kind: 'features', fold, share: 1, settings } as const
        const made = await Promise.all(
          [rows, changed].map(given =>
            makeFeatures({ rows: shareRows(given), split }, job, { shared: false }),
          ),
        )
        const [before, after] = made.map(result => ('matrices' in result ? result.matrices.train : result))
        expect(after).toEqual(before)
        expect(before).toMatchObject({ rows: 24, columns: 8 })
      }),
      { numRuns: 12 },
    )
  })

  test('gives the same scores whatever the number of threads', async () => {
    const rows = madeUp(20)
    const candidates = parseCandidates([
      ...[0.1, 10, 1].map(withC),
      { name: 'svm', learner: { kind: 'linear-svm' }, features: { text: { text: { ngramRange: [1, 2] } } } },
      { name: 'forest', learner: { kind: 'random-forest', parameters: { nEstimators: 5 } } },
      { name: 'empty', learner: LOGISTIC, features: { text: { text: { minDf: 1000 } } } },
    ])
    const boards = []
    for (const threads of [1, 2, 5]) {
      const done: number[] = []
      const onFit = (count: number) => void done.push(count)
      await using search = new Search(rows, candidates.length, { ...OPTIONS, threads, onFit })
      const entries = await search.compare(candidates)
      const curve = await search.learningCurve(entries[0]!)
      expect(done).toEqual(Array.from({ length: 18 }, (_, i) => i + 1))
      boards.push({ entries: entries.map(timeless), curve })
    }
    expect(boards[1]).toEqual(boards[0])
    expect(boards[2]).toEqual(boards[0])
    const [{ entries, curve } = { entries: [], curve: [] }] = boards
    expect(entries.at(-1)!.failure).toMatchObject({ code: 'empty-vocabulary' })
    expect(entries.slice(0, -1).map(({ result }) => result!.accuracy.folds.length)).toEqual([3, 3, 3, 3, 3])
    expect(curve.map(({ rows }) => rows)).toEqual([6, 12, 21, 40])
    expect(curve.at(-1)!.accuracy).toEqual(entries[0]!.result!.accuracy)
  })

  test('stopped anywhere, goes on from what was kept to the same bits, and fits nothing twice', async () => {
    const rows = madeUp(24)
    const candidates = parseCandidates([
      ...[0.1, 10, 1].map(withC),
      { name: 'svm', learner: { kind: 'linear-svm' }, features: { text: { text: { ngramRange: [1, 2] } } } },
      { name: 'bayes', learner: { kind: 'naive-bayes' } },
      { name: 'empty', learner: LOGISTIC, features: { text: { text: { minDf: 1000 } } } },
    ])
    const searched = async (options: Partial<SearchOptions>) => {
      await using search = new Search(rows, candidates.length, { ...OPTIONS, ...options })
      const boards = [await search.compare(candidates), await search.halve(candidates)]
      const curve = await search.learningCurve(boards[0]![0]!)
      return { boards: boards.map(entries => entries.map(timeless)), curve }
    }
    const all = keeperOf([])
    const whole = await searched({ keeper: all })
    const stops = [
      [1, 1],
      [1, 8],
      [1, all.fits.length - 1],
      [2, 8],
    ] as const
    for (const [threads, end] of stops) {
      const stop = new AbortController()
      const first = keeperOf([], end, () => stop.abort())
      const stopped = searched({ keeper: first, threads, signal: stop.signal })
      await expect(stopped).rejects.toMatchObject({ code: 'cancelled' })
      const second = keeperOf(JSON.parse(JSON.stringify(first.fits)))
      expect(await searched({ keeper: second, threads })).toEqual(whole)
      expect(second.fits.slice(0, first.fits.length)).toEqual(first.fits)
      expect(second.fits.map(nameOfFits).sort()).toEqual(all.fits.map(nameOfFits).sort())
    }
    expect(all.fits.flatMap(fits => fits.candidates)).not.toContain('empty')
  })

  test.each([1, 2])('ends when it is cancelled, on %d threads', async threads => {
    const controller = new AbortController()
    const candidates = [withC(1), { name: 'mlp', features: {}, learner: { kind: 'mlp' } } as const]
    const onFit = () => controller.abort()
    await using search = new Search(madeUp(30), 2, { ...OPTIONS, threads, signal: controller.signal, onFit })
    await expect(search.compare(candidates)).rejects.toMatchObject({ code: 'cancelled' })
  })

  test('is refused before its first fit when the memory will not suffice', async () => {
    const wide = { text: { text: { analyzer: 'char_wb', ngramRange: [2, 5], maxFeatures: null } } } as const
    const candidates = [withC(1), { ...withC(1), name: 'wide', features: wide }]
    const fits: number[] = []
    const onFit = (done: number) => void fits.push(done)
    const small = { ...OPTIONS, threads: 2, onFit, availableMemory: 1e5 }
    await using search = new Search(madeUp(30), candidates.length, small)
    const refused = expect.objectContaining({
      code: 'not-enough-memory',
      where: expect.stringMatching(/^90 rows, 3 classes, 2 threads; "wide" takes most: about \d/),
      fix: expect.stringContaining('lower maxFeatures or ngramRange of "wide"'),
    })
    await expect(search.compare(candidates)).rejects.toEqual(refused)
    await expect(search.halve(candidates)).rejects.toEqual(refused)
    expect(fits).toEqual([])
    expect(await search.compare([withC(1)], 1 / 2)).toHaveLength(1)
  })

  test('says how many threads there is memory for', () => {
    const size = { rows: 1e6, characters: 250e6, classes: 4, share: 1, threads: 8 }
    const candidates = [withC(1)]
    expect(() => requireSearchMemory(candidates, size, 6e9)).toThrow(/lower threads to \d\b/)
    const [, fits] = /lower threads to (\d)/.exec(
      String(thrownBy(() => requireSearchMemory(candidates, size, 6e9))),
    )!
    requireSearchMemory(candidates, { ...size, threads: Number(fits) }, 6e9)
    expect(() => requireSearchMemory(candidates, { ...size, threads: Number(fits) + 1 }, 6e9)).toThrow()
  })

  test('halves: the best third goes on to three times the rows, and the last are fitted on all', async () => {
    const candidates = [1e-4, 1e-3, 0.01, 0.1, 1, 10, 100].map(withC)
    await using search = new Search(madeUp(30), candidates.length, OPTIONS)
    const entries = await search.halve(candidates)
    expect(entries.map(({ name }) => name)).toEqual(candidates.map(({ name }) => name))
    expect(sharesOf(7)).toEqual([1 / 3, 1])
    expect(entries.filter(({ share }) => share === 1)).toHaveLength(3)
    const winner = choose(entries, 'accuracy', 0)!
    expect(winner.share).toBe(1)
  })

  test('keeps texts and columns as they are on the way to its threads', () => {
    const text = fc.string({ unit: 'grapheme' })
    fc.assert(
      fc.property(fc.array(fc.record({ text, columns: fc.dictionary(fc.string(), text) })), given => {
        const rows = given.map(row => ({ ...row, label: 'a' }))
        expect([...rowsAt(shareRows(rows), rows.keys())]).toEqual(given)
        const bare = rows.map(({ text, label }) => ({ text, label }))
        expect([...rowsAt(shareRows(bare), bare.keys())]).toEqual(rows.map(row => row.text))
      }),
    )
  })
})

/** A keeper in memory, that begins with some fits and tells when it holds so many. */
function keeperOf(
  begin: readonly KeptFits[],
  end?: number,
  onEnd?: () => void,
): FitsKeeper & { fits: KeptFits[] } {
  const fits = [...begin]
  return {
    fits,
    find: place => fits.find(other => nameOfFits(other) === nameOfFits(place)),
    keep(more) {
      fits.push(more)
      if (fits.length === end) onEnd?.()
    },
  }
}

function nameOfFits({ share, fold, candidates }: FitsPlace): string {
  return JSON.stringify([share, fold, candidates])
}

/** Without what a clock said. */
function timeless({ result, ...entry }: Entry): Entry {
  return result === undefined ? entry : { ...entry, result: { ...result, fitSeconds: 0, featureSeconds: 0 } }
}

test('candidates share a matrix when their features are equal, and a chain when they differ in C alone', () => {
  const learners: Candidate['learner'][] = [
    { ...LOGISTIC, parameters: { c: 1 } },
    { ...LOGISTIC, parameters: { c: 2, tol: 1e-3 } },
    { ...LOGISTIC, parameters: { tol: 1e-3, c: 3 } },
    { ...LOGISTIC },
    { ...LOGISTIC, calibration: {} },
    { kind: 'linear-svm', parameters: { c: 1 } },
    { kind: 'naive-bayes' },
    { kind: 'naive-bayes' },
  ]
  const candidates = learners.map((learner, i) => ({ name: `${i}`, learner, features: {} }))
  const other = { name: 'other', learner: LOGISTIC, features: { text: { text: { minDf: 2 } } } }
  const same = { name: 'same', learner: LOGISTIC, features: { text: { text: { minDf: 1 } } } }
  expect(planGroups([...candidates, other, same]).map(({ chains }) => chains)).toEqual([
    [[0, 3, 9], [1, 2], [4], [5], [6], [7]],
    [[8]],
  ])
})

describe('a choice', () => {
  const entry = (name: string, mean: number | undefined, share = 1): Entry => {
    const score = { mean: mean ?? 0, spread: 0, folds: [mean ?? 0] }
    const figures = { fitSeconds: 0, featureSeconds: 0, columns: 1, bytes: 8, rows: 1, converged: true }
    const failure = { code: 'empty-vocabulary', message: 'no words\nfix' } as const
    const line = { name, features: {}, learner: LOGISTIC, share }
    return mean === undefined
      ? { ...line, failure }
      : { ...line, result: { accuracy: score, macroF1: score, ...figures } }
  }

  test('is the first within the threshold of the best, among those fitted on most rows', () => {
    const entries = [entry('early', 0.99, 0.3), entry('a', 0.88), entry('broken', undefined), entry('b', 0.9)]
    expect(choose(entries, 'accuracy', 0)?.name).toBe('b')
    expect(choose(entries, 'accuracy', 0.02)?.name).toBe('a')
    expect(choose(entries, 'accuracy', 0.0199)?.name).toBe('b')
    expect(choose([entry('broken', undefined)], 'accuracy', 1)).toBeUndefined()
    expect(ranked(entries, 'accuracy').map(({ name }) => name)).toEqual(['b', 'a', 'early', 'broken'])
  })

  test('of halving never loses the best', () => {
    const means = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(means, list => {
        const entries = list.map((mean, i) => entry(`${i}`, mean))
        const left = survivors(entries, entries, 'accuracy')
        expect(left).toContain(entries[list.indexOf(Math.max(...list))])
        expect(left.length).toBe(Math.ceil(list.length / 3))
        const shares = sharesOf(list.length)
        expect(shares.at(-1)).toBe(1)
        expect(shares.every((share, i) => i === 0 || share > shares[i - 1]!)).toBe(true)
      }),
    )
    expect(() => survivors([withC(1)], [entry('c 1', undefined)], 'accuracy')).toThrow(
      /no words\n.*no candidate/,
    )
  })
})

/** A candidate of the spaces below. */
interface Drawn {
  readonly learner: { readonly parameters: { readonly c: number } }
  readonly features: { readonly text: { readonly text: { readonly minDf: number } } }
}

describe('a space', () => {
  const base = { features: {}, learner: LOGISTIC }

  test('as a grid is every combination, the last setting fastest, named by what differs', () => {
    const space = parseSpace({
      'learner.parameters.c': [1, 10],
      'features.text.a.minDf': [1],
      'features.text.b.minDf': [2, 3],
    })
    const grid = gridOf(base, space)
    expect(grid.map(({ name }) => name)).toEqual([
      'c 1, a.minDf 1, b.minDf 2',
      'c 1, a.minDf 1, b.minDf 3',
      'c 10, a.minDf 1, b.minDf 2',
      'c 10, a.minDf 1, b.minDf 3',
    ])
    expect(grid[3]).toMatchObject({
      learner: { kind: 'logistic-regression', parameters: { c: 10 } },
      features: { text: { a: { minDf: 1 }, b: { minDf: 3 } } },
    })
    expect(base.learner).toEqual({ kind: 'logistic-regression' })
  })

  test('is drawn from within its ranges, the same for the same seed, each candidate once', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 30 }), (seed, draws) => {
        const space = parseSpace({
          'learner.parameters.c': { from: 0.001, to: 1000, scale: 'log' },
          'features.text.text.minDf': { from: 1, to: 4, whole: true },
        })
        const drawn = drawFrom(base, space, draws, seed)
        expect(drawFrom(base, space, draws, seed)).toEqual(drawn)
        expect(new Set(drawn.map(({ name }) => name)).size).toBe(draws)
        for (const { learner, features } of drawn as unknown as Drawn[]) {
          expect(learner.parameters.c).toBeGreaterThanOrEqual(0.001)
          expect(learner.parameters.c).toBeLessThanOrEqual(1000)
          expect([1, 2, 3, 4]).toContain(features.text.text.minDf)
        }
      }),
      { numRuns: 50 },
    )
    // Even in its logarithm: half of the draws lie below the geometric mean.
    const wide = parseSpace({ 'learner.parameters.c': { from: 1e-4, to: 1e4, scale: 'log' } })
    const low = drawFrom(base, wide, 1000, 7).filter(
      ({ learner }) => (learner as Drawn['learner']).parameters.c < 1,
    )
    expect(Math.abs(low.length - 500)).toBeLessThan(60)
    const two = parseSpace({ 'learner.parameters.c': [1, 2] })
    expect(drawFrom(base, two, 10, 7)).toHaveLength(2)
  })

  test.each<[object, RegExp]>([
    [{}, /the search space is empty/],
    [{ c: [1] }, /the space has no "c"[\s\S]*learner\.parameters\.c/],
    [{ 'learner.': [1] }, /the space has no "learner\."/],
    [{ 'learner.parameters.c': [] }, /the list of learner\.parameters\.c is empty/],
    [{ 'learner.parameters.c': 1 }, /learner\.parameters\.c is 1/],
    [{ 'learner.parameters.c': { from: Number.NaN, to: 1 } }, /goes from NaN to 1/],
    [{ 'learner.parameters.c': { from: 2, to: 1 } }, /goes from 2 to 1/],
    [{ 'learner.parameters.c': { from: 0, to: 1, scale: 'log' } }, /logarithmic range of \S+ begins at 0/],
    [{ 'learner.parameters.c': { from: 0, to: 1, scale: 'ln' } }, /scale of \S+ is "ln"/],
    [{ 'learner.parameters.c': { from: 0, to: 1, log: true } }, /has no log/],
    [{ 'learner.parameters.c': { from: 0, to: 1, whole: 1 } }, /whole of \S+ is 1/],
  ])('%j is refused', (given, message) => {
    expect(() => parseSpace(given as Record<string, unknown>)).toThrow(message)
  })

  test('with a range is no grid, nor is one that nobody could wait for', () => {
    const range = parseSpace({ 'learner.parameters.c': { from: 1, to: 2 } })
    expect(() => gridOf(base, range)).toThrow(/is a range, and a grid takes lists/)
    const values = Array.from({ length: 101 }, (_, i) => i + 1)
    const large = parseSpace({ 'learner.parameters.c': values, 'learner.parameters.maxIter': values })
    expect(() => gridOf(base, large)).toThrow(/10,201 combinations/)
  })

  test('finds an unknown setting before a row is read', async () => {
    const settings: [string, RegExp][] = [
      [
        'learner.parameters.C',
        /in candidate "C 1"\n {2}learner\.parameters: C is no parameter of this learner/,
      ],
      ['learner.__proto__.polluted', /candidate "polluted 1"|has no __proto__/],
      ['features.text.text.maxFeature', /has no maxFeature; did you mean "maxFeatures"/],
      ['learner.kind.deep', /learner\.kind must be/],
    ]
    for (const [path, message] of settings) {
      const proposals = gridOf(base, parseSpace({ [path]: [1] }))
      expect(() => parseCandidates(proposals)).toThrow(message)
    }
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })
})

describe('settings', () => {
  const learners = [
    { kind: 'nb-weighted', parameters: { model: 'linear-svm', alpha: 1, parameters: { c: 1 } } },
    { kind: 'mlp', parameters: { hiddenLayerSizes: [10], alpha: 1, earlyStopping: true } },
    { kind: 'random-forest', parameters: { nEstimators: 5, maxFeatures: 'sqrt', maxDepth: 3 } },
    { kind: 'kernel-svm', parameters: { kernel: 'rbf', gamma: 'scale', coef0: 0 } },
    { kind: 'logistic-regression', parameters: { c: 1 }, calibration: { method: 'sigmoid', cv: 5 } },
  ]
  const candidate = {
    name: 'all',
    learner: { kind: 'voting', how: 'soft', learners, weights: [1, 2, 3, 4, 5] },
    features: {
      text: { text: { minDf: 1, maxDf: 0.5, ngramRange: [1, 2], stopWords: ['a'], tokenPattern: '\\w+' } },
      columns: { age: { kind: 'numeric', scale: 'minmax' }, desk: { kind: 'categorical' } },
      select: { k: 5 },
    },
  }
  const space = {
    'learner.parameters.c': { from: 1, to: 2, scale: 'log', whole: true },
    'features.text.text.minDf': [1, 2],
  }

  test('are taken or refused by name, whatever is in any place of them', () => {
    const places = [candidate, space].flatMap(given => placesIn(given).map(place => [given, place] as const))
    const property = fc.property(fc.constantFrom(...places), junk, ([document, place], value) => {
      const given = JSON.parse(spoilt(document, place, value))
      // As every stage does first.
      if (faultOfGiven({ kind: 'struct' }, given) !== undefined) return
      try {
        if (document === candidate) parseCandidates([given])
        else parseCandidates(drawFrom({ features: {}, learner: LOGISTIC }, parseSpace(given), 3, 1))
      } catch (error) {
        expectOurs(error)
      }
      expectUnpolluted()
    })
    fc.assert(property, { numRuns: 300 })
  })

  test.each<[object, RegExp]>([
    [{ alpha: { toString: [] } }, /alpha is \{"toString":\[\]\}/],
    [{ hiddenLayerSizes: [{ toString: [] }] }, /hiddenLayerSizes\[0\] is \{"toString"/],
    [{ activation: ['relu'] }, /activation is \["relu"\]/],
  ])('that JavaScript cannot write as text are shown: %j', (parameters, message) => {
    expect(() => parseLearner({ kind: 'mlp', parameters })).toThrow(message)
  })

  test('that are nested deeper than a stack are no settings', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
    expect(faultOfGiven({ kind: 'list' }, deep)).toBe('must have at most 100 levels and 2000000 values')
    expect(faultOfGiven({ kind: 'struct' }, deep)).toBe('must have at most 100 levels and 2000000 values')
    expect(faultOfGiven({ kind: 'string' }, { toString: [] })).toBe('must be a string, not {"toString":[]}')
  })

  test('a path that ends in __proto__ is an unknown setting, not a prototype', () => {
    const base = { features: {}, learner: LOGISTIC }
    const proposals = gridOf(base, parseSpace({ 'learner.__proto__': [{ kind: 'mlp' }] }))
    expect(() => parseCandidates(proposals)).toThrow(/learner has no __proto__/)
  })

  test.each([
    [{ minDf: { toString: [] } }, 'text.text.minDf must be'],
    [{ maxDf: ['0.5'] }, 'text.text.maxDf must be'],
  ])('features: %j', (text, message) => {
    expect(() => parseFeatureSettings({ text: { text } })).toThrow(message)
  })
})

describe('candidates', () => {
  test.each([
    [
      "seed 002's models and features",
      [
        {
          kind: 'mlp',
          hiddenLayerSizes: [100, 50],
          activation: 'relu',
          alpha: 0.0001,
          batchSize: 'auto',
          maxIter: 200,
        },
        { kind: 'mlp', learningRate: 'constant', learningRateInit: 0.001 },
        { kind: 'logistic-regression', penalty: 'l2', c: 1, maxIter: 1000 },
        { kind: 'naive-bayes', alpha: 1 },
        { kind: 'random-forest', nEstimators: 100, maxDepth: 10, minSamplesSplit: 2, minSamplesLeaf: 1 },
      ],
      {
        text: {
          text: {
            ...{ maxFeatures: 10_000, ngramRange: [1, 2], maxDf: 0.95, minDf: 2, sublinearTf: true },
            ...{ lowercase: true, removePunctuation: true, removeNumbers: false, stopWords: 'nltk' },
            ...{ lemmas: 'noun', minTextLength: 10 },
          },
        },
        select: { k: 5000 },
      },
    ],
    [
      "seed 001's cleaning",
      [{ kind: 'logistic-regression' }],
      {
        text: {
          text: {
            ...{ removeUrls: true, removeNumbers: true, removePunctuation: true, stopWords: 'nltk' },
            ...{ lemmas: 'noun', maxFeatures: 500 },
          },
        },
      },
    ],
    [
      "seed 003's machines over columns",
      [
        { kind: 'kernel-svm', c: 10, gamma: 'scale', kernel: 'rbf' },
        { kind: 'mlp', dropout: 0.2, earlyStopping: true },
      ],
      { text: {}, columns: { length: { kind: 'numeric' }, source: { kind: 'categorical' } } },
    ],
  ])('can say %s', (_, learners, features) => {
    const given = learners.map(({ kind, ...parameters }, i) => {
      return { name: `${i}`, learner: { kind, parameters }, features }
    })
    expect(parseCandidates(given).map(({ learner }) => learner)).toEqual(given.map(({ learner }) => learner))
  })

  test('by default are the four of seed 002, the simplest first', async () => {
    const candidates = parseCandidates(DEFAULT_CANDIDATES)
    expect(candidates.map(({ learner }) => learner.kind)).toEqual([
      'naive-bayes',
      'logistic-regression',
      'random-forest',
      'mlp',
    ])
  })

  test.each<[unknown[], RegExp]>([
    [[], /there are no candidates/],
    [['svm'], /candidate 1 is "svm"/],
    [[{ learner: LOGISTIC }], /candidate 1 has no name/],
    [
      [
        { name: 'a', learner: LOGISTIC },
        { name: 'a', learner: LOGISTIC },
      ],
      /two candidates are called "a"/,
    ],
    [[{ name: 'a', learner: LOGISTIC, feature: {} }], /has no feature; did you mean "features"/],
    [[{ name: 'a' }], /learner must be an object, not undefined/],
    [[{ name: 'a', learner: { kind: 'svm' } }], /kind must be logistic-regression[\s\S]*not "svm"/],
    [[{ name: 'a', learner: { ...LOGISTIC, c: 1 } }], /learner has no c/],
    [
      [{ name: 'a', learner: { ...LOGISTIC, parameters: { c: 0 } } }],
      /in candidate "a"\n {2}learner\.parameters: c is 0/,
    ],
    [[{ name: 'a', learner: { kind: 'mlp', parameters: { alpha: -1 } } }], /alpha is -1/],
    [[{ name: 'a', learner: { kind: 'random-forest', parameters: { trees: 1 } } }], /trees is no parameter/],
    [[{ name: 'a', learner: { kind: 'kernel-svm', parameters: { kernel: 'x' } } }], /kernel is x/],
    [[{ name: 'a', learner: { kind: 'naive-bayes', parameters: { alpha: -1 } } }], /alpha is -1/],
    [[{ name: 'a', learner: { kind: 'complement-naive-bayes', parameters: { norm: 1 } } }], /norm is 1/],
    [[{ name: 'a', learner: { kind: 'linear-svm', parameters: { loss: 'x' } } }], /loss is x/],
    [
      [{ name: 'a', learner: { kind: 'nb-weighted', parameters: { model: 'x' } } }],
      /model must be linear-svm or logistic-regression, not "x"/,
    ],
    [
      [{ name: 'a', learner: { kind: 'voting', how: 'soft', learners: [] } }],
      /learners must be a list of learners/,
    ],
    [
      [{ name: 'a', learner: { kind: 'voting', how: 'soft', learners: [LOGISTIC, { kind: 'x' }] } }],
      /learners\[1\]\.kind must be/,
    ],
    [[{ name: 'a', learner: LOGISTIC, features: { txt: {} } }], /there is no txt/],
  ])('%j are refused', (given, message) => {
    expect(() => parseCandidates(given)).toThrow(message)
  })
})

test.each<[unknown[], RegExp]>([
  [[], /there are no results/],
  [[[], []], /there are no results/],
  [[{ name: 'a' }], /results\[0\]\.place must be/],
  [[[{ place: 0, name: 'a', learner: LOGISTIC, features: {}, share: 2 }]], /results\[0\]\.share must be/],
  [
    [0, 0].map(place => [{ place, name: 'a', learner: LOGISTIC, features: {}, share: 1 }]),
    /candidate 1 twice/,
  ],
])('results %j are refused', async (given, message) => {
  await expect(gatherEntries(given)).rejects.toThrow(message)
})
