import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import { choose, compare, tune } from '../../components/index.ts'
import { featuresInput } from '../../components/search-inputs.ts'
import { TRAINING_PRESETS } from '../../core/presets.ts'
import { compile } from '../../pipelines/compiler/index.ts'
import { runLocal } from '../../pipelines/runners/local/index.ts'
import searchPipeline from '../../pipelines/search.ts'
import { HEADLINES } from '../support/models.ts'
import { workshop } from '../support/workshop.ts'

const FEATURES = { text: { text: { stopWords: 'english' } } }
const CANDIDATES = [
  { name: 'bayes', learner: { kind: 'naive-bayes' } },
  { name: 'logistic | *regression*', learner: { kind: 'logistic-regression', parameters: { c: 3 } } },
  { name: 'rare', learner: { kind: 'naive-bayes' }, features: { text: { text: { minDf: 100 } } } },
]
const SPACE = { 'learner.parameters.c': [0.01, 0.1, 1, 10], 'features.text.text.sublinearTf': [true, false] }

/** Without what a clock said. */
function untimed(board: object): unknown {
  return JSON.parse(JSON.stringify(board, (key, value) => (/Seconds$/.test(key) ? 0 : value)))
}

async function shopOfRows() {
  const shop = await workshop()
  const rows = await shop.dataset('train', HEADLINES)
  const given = { train: rows, features: FEATURES, folds: 3, threads: 1 }
  const board = async (name = 'leaderboard') => JSON.parse(await shop.read(name))
  return { ...shop, rows, given, board }
}

test('candidates that name no features get those of the preset seed-002', () => {
  expect(featuresInput.default).toEqual(TRAINING_PRESETS['seed-002'].features)
})

test('the guide says what tune searches by itself', async () => {
  const guide = await readFile('docs/choosing.md', 'utf8')
  const { learner, space } = tune.inputs
  const settings = { learner: learner.default, ...space.default }
  for (const [setting, value] of Object.entries(settings)) {
    expect(guide).toContain(`| \`${setting}\` | \`${JSON.stringify(value)}\` |`)
  }
})

describe('compare', () => {
  test('gives a leaderboard, a table, a page, figures, and what train needs', async () => {
    await using shop = await shopOfRows()
    const { parameters, metadata, summary, lines } = await shop.run(compare, {
      ...shop.given,
      candidates: CANDIDATES,
      threshold: 1,
    })
    expect(parameters).toMatchObject({
      winner: 'bayes',
      learner: { kind: 'naive-bayes' },
      features: FEATURES,
      results: [
        { place: 0, name: 'bayes', share: 1, result: { columns: expect.any(Number) } },
        { place: 1, name: 'logistic | *regression*' },
        { place: 2, name: 'rare', failure: { code: 'empty-vocabulary' } },
      ],
    })
    const board = await shop.board()
    expect(board).toMatchObject({
      metric: 'accuracy',
      threshold: 1,
      folds: 3,
      winner: 'bayes',
      reason: summary,
    })
    expect(board.entries.at(-1)).toMatchObject({ name: 'rare', failure: { code: 'empty-vocabulary' } })
    expect(board.curve.map(({ share }: { share: number }) => share)).toEqual([0.125, 0.25, 0.5, 1])
    const { accuracy } = board.entries.find(({ name }: { name: string }) => name === 'bayes').result
    expect(parameters.score).toBe(accuracy.mean)
    expect(accuracy.folds).toHaveLength(3)
    expect(metadata!.leaderboard).toMatchObject({ accuracy: accuracy.mean, candidates: 3 })
    expect(lines).toContainEqual(expect.stringMatching(/^warning: rare failed: /))

    const report = await shop.read('report')
    expect(report).toContain('logistic \\| \\*regression\\*')
    expect(report).toMatch(/\| bayes \| .* \| chosen \|/)
    const page = await shop.read('page')
    expect(page.match(/<svg role="img"/g)).toHaveLength(2)
    expect(page).not.toMatch(/<script/)
  })

  test('refuses a search in which every candidate fails, with the first failure', async () => {
    await using shop = await shopOfRows()
    await expect(shop.run(compare, { ...shop.given, candidates: CANDIDATES.slice(2) })).rejects.toMatchObject(
      {
        code: 'empty-vocabulary',
        message: expect.stringContaining('no candidate could be fitted; this is of "rare"'),
      },
    )
  })

  test('refuses more folds than a class has rows', async () => {
    await using shop = await shopOfRows()
    const running = shop.run(compare, { ...shop.given, candidates: CANDIDATES, folds: 7 })
    await expect(running).rejects.toThrow(/folds is 7, and class "\w+" has 6 rows/)
  })
})

describe('tune', () => {
  test.each([
    ['grid', SPACE, 8],
    ['random', { 'learner.parameters.c': { from: 0.01, to: 100, scale: 'log' } }, 5],
    ['halving', SPACE, 8],
    ['halving', { 'learner.parameters.c': { from: 0.01, to: 100, scale: 'log' } }, 5],
  ])('searches by %s through %j', async (search, space, candidates) => {
    await using shop = await shopOfRows()
    const { parameters } = await shop.run(tune, { ...shop.given, search, space, draws: 5, curve: false })
    const { entries, curve } = await shop.board()
    expect(entries).toHaveLength(candidates)
    expect(curve).toEqual([])
    expect(parameters.learner).toEqual(entries[0].learner)
  })

  test.each(['grid', 'random', 'halving'])(
    'by %s, stopped and begun again, is the same search',
    async search => {
      await using shop = await shopOfRows()
      const space = { 'learner.parameters.c': [0.01, 1], 'features.text.text.minDf': [1, 2] }
      const whole = { ...shop.given, space, search, draws: 4 }
      await shop.run(tune, whole, 'whole-')
      const path = shop.file('checkpoint').path
      const given = { ...whole, checkpoint: path, threads: 2 }
      for (const fits of ['4 of 12 fits', '10 of 12 fits']) {
        const stop = new AbortController()
        const onLine = (line: string) => line.startsWith(fits) && stop.abort()
        await expect(shop.run(tune, given, 'cut-', stop.signal, onLine)).rejects.toMatchObject({
          code: 'cancelled',
          message: `stopped\n  ${path} keeps what was done; the same command goes on from it`,
        })
      }
      // How one chooses changes no score.
      const { lines } = await shop.run(
        tune,
        { ...given, metric: 'macroF1', threshold: 0.1, curve: false },
        'other-',
      )
      expect(lines[0]).toBe(`going on from ${path}, behind 10 fits done before`)
      await expect(readFile(path)).rejects.toThrow('ENOENT')
      await shop.run(tune, given, 'cut-')
      expect(untimed(await shop.board('cut-leaderboard'))).toEqual(
        untimed(await shop.board('whole-leaderboard')),
      )
    },
  )

  test.each([
    [{ folds: 2 }, 'it is of other settings'],
    [{ seed: 8 }, 'it is of other settings'],
    [{ space: { 'learner.parameters.c': [1, 3] } }, 'it is of other settings'],
    [{ learner: { kind: 'linear-svm' } }, 'it is of other settings'],
    [{ shard: '1/2' }, 'it is of other settings'],
    [{ rows: HEADLINES.toReversed() }, 'it is of other rows'],
    [{ rows: HEADLINES.slice(1), folds: 2 }, 'it is of other rows, other settings'],
    [{ content: '{"formatVersion":1}' }, 'it is no checkpoint of a search'],
    [{ content: '\0' }, 'it is no checkpoint of a search'],
  ])('refuses a checkpoint of something else, and leaves it: %j', async (other, where) => {
    await using shop = await shopOfRows()
    const { rows, content, ...settings } = { rows: HEADLINES, content: undefined, ...other }
    const path = shop.file('checkpoint').path
    const given = { ...shop.given, space: { 'learner.parameters.c': [0.01, 1] }, checkpoint: path }
    const stop = new AbortController()
    const onLine = (line: string) => line.startsWith('2 of 6 fits') && stop.abort()
    await shop.run(tune, given, '', stop.signal, onLine).catch(() => {})
    if (content !== undefined) await writeFile(path, content)
    const before = await readFile(path, 'utf8')
    const train = await shop.dataset('others', rows)
    await expect(shop.run(tune, { ...given, ...settings, train })).rejects.toMatchObject({
      code: 'invalid-setting',
      where,
      fix: 'give another path, or remove the file',
    })
    expect(await readFile(path, 'utf8')).toBe(before)
  })

  test('in shards that choose collects is the same search', async () => {
    await using shop = await shopOfRows()
    const given = { ...shop.given, space: SPACE }
    const whole = await shop.run(tune, given, 'whole-')
    const results = []
    for (const shard of ['2/3', '1/3', '3/3']) {
      const { parameters } = await shop.run(tune, { ...given, shard }, `${shard[0]}-`)
      results.push(parameters.results)
    }
    // In threads of its own: those that outlive it would keep its process, and a pod, for ever.
    const chosen = await shop.run(choose, { results, folds: 3, train: shop.rows, threads: 2 }, 'all-')
    const { results: all, ...same } = whole.parameters
    expect(chosen.parameters).toEqual(same)
    const [one, other] = [await shop.board('whole-leaderboard'), await shop.board('all-leaderboard')]
    expect(untimed(other)).toEqual(untimed(one))
    expect((await shop.board('1-leaderboard')).curve).toEqual([])
  })

  test('an empty shard is no failure, and has no results', async () => {
    await using shop = await shopOfRows()
    const space = { 'learner.parameters.c': [1] }
    const { parameters, summary } = await shop.run(tune, { ...shop.given, space, shard: '2/2' })
    expect(parameters).toEqual({ winner: 'none', score: 0, learner: {}, features: {}, results: [] })
    expect(summary).toBe('This shard has no candidate.')
    await expect(shop.run(tune, { ...shop.given, space, shard: '3/2' })).rejects.toThrow(/no shard 3\/2/)
  })
})

test('the search pipeline shares the search out, collects it and trains the winner', async () => {
  await using shop = await workshop()
  const rows = Array.from({ length: 8 }, (_, i) =>
    HEADLINES.map(({ text, label }) => `"${text} ${i}",${label}`),
  ).flat()
  const source = shop.file('news.csv').path
  await writeFile(source, ['text,label', ...rows].join('\n'))
  const parameters = { source, folds: 3, space: { 'learner.parameters.c': [0.01, 3] } }
  const result = await runLocal({ spec: compile(searchPipeline), home: shop.path, parameters })
  expect(result.tasks.map(({ task, state }) => `${task} ${state}`)).toContain('train succeeded')
  expect(result.outputs.parameters).toMatchObject({ winner: expect.stringMatching(/^c /), accuracy: 1 })
})
