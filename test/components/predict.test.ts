import { readdir, readFile, writeFile } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { parquetWriteFile } from 'hyparquet-writer'
import { predict, register, train } from '../../components/index.ts'
import { PressroomError } from '../../core/errors.ts'
import { expectOurs } from '../support/junk.ts'
import * as fc from '../support/properties.ts'
import { trainedShop } from '../support/workshop.ts'

const TEXTS = [
  'Bank raises rates',
  'Penalty wins the cup',
  'Shares climb',
  'Striker scores twice',
  'Prices fall',
]

async function shopWith(name: string, content: string) {
  const shop = await trainedShop()
  await writeFile(shop.file(name).path, content)
  const source = shop.file(name).path
  const model = shop.file('model')
  const lines = async (file: string) =>
    (await shop.read(file))
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
  return { ...shop, source, model, lines }
}

const CSV = `id,headline\n${TEXTS.map((text, i) => `${i},"${text}"`).join('\n')}\n`

describe('predict', () => {
  test('scores every row, keeps the columns asked for, and names the model', async () => {
    await using shop = await shopWith('news.csv', CSV)
    const { parameters, summary } = await shop.run(predict, {
      source: shop.source,
      model: shop.model,
      keepColumns: ['id'],
    })
    const rows = await shop.lines('predictions')
    expect(rows.map(({ id, line, text }) => ({ id, line, text }))).toEqual(
      TEXTS.map((text, i) => ({ id: `${i}`, line: i + 2, text })),
    )
    const [first] = rows
    expect(first).toMatchObject({
      predicted: 'Business',
      model: 'folder',
      version: expect.stringMatching(/^sha256:/),
    })
    expect(first.probability).toBe(first.probabilities.Business)
    expect(first.probabilities.Business + first.probabilities.Sports).toBeCloseTo(1, 5)
    expect(parameters).toEqual({ rows: 5, skipped: 0 })
    expect(summary).toMatch(/^5 rows by folder [0-9a-f]{8}: Business \.6, Sports \.4$/)
  })

  test('Parquet holds what JSONL does, and is itself a source', async () => {
    await using shop = await shopWith('news.csv', CSV)
    const given = { source: shop.source, model: shop.model, keepColumns: ['id'] }
    await shop.run(predict, given, 'j-')
    await shop.run(predict, { ...given, outputFormat: 'parquet' }, 'p-')
    const file = await asyncBufferFromFile(shop.file('p-predictions').path)
    const found = await parquetReadObjects({ file })
    const expected = (await shop.lines('j-predictions')).map(({ line, probabilities, ...row }) => ({
      ...row,
      line: BigInt(line),
      'probability of Business': probabilities.Business,
      'probability of Sports': probabilities.Sports,
    }))
    expect(found).toEqual(expected)
    await shop.run(predict, { source: shop.file('p-predictions').path, model: shop.model }, 'a-')
    const again = await shop.lines('a-predictions')
    expect(again.map(row => row.probabilities)).toEqual(
      (await shop.lines('j-predictions')).map(row => row.probabilities),
    )
  })

  test('shards are all rows, each once', async () => {
    await using shop = await shopWith('news.csv', CSV)
    const parts = []
    for (const shard of ['1/3', '2/3', '3/3']) {
      await shop.run(predict, { source: shop.source, model: shop.model, shard }, `${shard[0]}-`)
      parts.push(await shop.lines(`${shard[0]}-predictions`))
    }
    expect(parts.map(rows => rows.map(row => row.line))).toEqual([[2, 5], [3, 6], [4]])
  })

  test('asks the version that the alias points at, and goes by what ingest wrote', async () => {
    await using shop = await shopWith('unused', '')
    const registry = shop.file('registry').path
    await shop.run(register, { model: shop.model, name: 'shop', registry, alias: 'champion' })
    const data = await shop.dataset(
      'data',
      TEXTS.map((text, i) => ({ text, label: '?', columns: { id: `${i}` } })),
    )
    const given = { data, name: 'shop', registry, keepColumns: ['id'] }
    const { summary } = await shop.run(predict, given)
    expect(summary).toMatch(/^5 rows by shop 1: /)
    expect((await shop.lines('predictions'))[4]).toMatchObject({ id: '4', model: 'shop', version: '1' })
    await expect(shop.run(predict, { ...given, alias: 'nobody' })).rejects.toThrow(
      'no version of shop is @nobody',
    )
  })

  test('a record may leave a column out; a column that none has is refused', async () => {
    await using shop = await shopWith(
      'rows.jsonl',
      '{"text":"Shares climb"}\n{"text":"Prices fall","id":7}\n',
    )
    const given = { source: shop.source, model: shop.model }
    await shop.run(predict, { ...given, keepColumns: ['id'], shard: '1/2' })
    expect(await shop.lines('predictions')).toMatchObject([{ line: 1, text: 'Shares climb' }])
    await expect(shop.run(predict, { ...given, keepColumns: ['id', 'idd'] }, 'x-')).rejects.toThrow(
      'no column "idd" in ',
    )
    expect(await readdir(shop.path)).not.toContain('x-predictions')
  })

  test('a model that looks at columns is not asked about a file without them', async () => {
    await using shop = await shopWith('news.csv', CSV)
    const rows = ['Bank', 'Cup', 'Rates', 'Goal'].map((text, i) => {
      return { text, label: ['Business', 'Sports'][i % 2]!, columns: { desk: ['money', 'field'][i % 2]! } }
    })
    const data = await shop.dataset('rows', rows)
    const features = { text: {}, columns: { desk: { kind: 'categorical' } } }
    const learner = { kind: 'logistic-regression' }
    await shop.run(train, { train: data, validation: data, preset: 'custom', features, learner }, 'c-')
    const model = shop.file('c-model')
    await expect(shop.run(predict, { source: shop.source, model })).rejects.toThrow(
      /no column "desk" in .*, and the model looks at it\n {2}it has: id, headline/,
    )
    await expect(
      shop.run(predict, { data: await shop.dataset('bare', [rows[0]!]), model }),
    ).resolves.toMatchObject({
      parameters: { rows: 1 },
    })
  })

  test('of a cell that the model cannot take the line is told, however many rows went before', async () => {
    await using shop = await shopWith(
      'rows.csv',
      `text,size\n${'Shares climb,7\n'.repeat(4999)}Prices fall,\nRates rise,8\n`,
    )
    const rows = ['Bank', 'Cup', 'Rates', 'Goal'].map((text, i) => {
      return { text, label: ['Business', 'Sports'][i % 2]!, columns: { size: `${i}` } }
    })
    const data = await shop.dataset('rows', rows)
    const features = { text: {}, columns: { size: { kind: 'numeric' } } }
    const learner = { kind: 'logistic-regression' }
    await shop.run(train, { train: data, validation: data, preset: 'custom', features, learner }, 'c-')
    const given = { source: shop.source, model: shop.file('c-model') }
    await expect(shop.run(predict, given)).rejects.toThrow(
      /^line 5001 of .*rows\.csv: the numeric column "size" is empty\n/,
    )
  })

  test('a file of texts alone needs no header', async () => {
    await using shop = await shopWith('texts', `${TEXTS.join('\n')}\n`)
    expect((await shop.run(predict, { source: shop.source, model: shop.model })).parameters).toEqual({
      rows: 5,
      skipped: 0,
    })
  })

  test('nothing to score is no error', async () => {
    await using shop = await shopWith('empty.jsonl', '')
    for (const outputFormat of ['jsonl', 'parquet']) {
      const { summary } = await shop.run(
        predict,
        { source: shop.source, model: shop.model, outputFormat },
        `${outputFormat}-`,
      )
      expect(summary).toMatch(/^0 rows by folder/)
    }
    const file = await asyncBufferFromFile(shop.file('parquet-predictions').path)
    expect(await parquetReadObjects({ file })).toEqual([])
  })

  test('a text cut within an emoji is scored as the one that ingest would have kept', async () => {
    const texts = ['Bank raises \ud83d', 'Bank raises \ufffd']
    const rows = texts.map(text => `${JSON.stringify({ text })}\n`)
    await using shop = await shopWith('rows.jsonl', rows.join(''))
    await shop.run(predict, { source: shop.source, model: shop.model })
    const [cut, whole] = await shop.lines('predictions')
    expect(cut).toEqual({ ...whole, line: 1 })
  })

  test('rows without a text are refused by line, or skipped and counted', async () => {
    await using shop = await shopWith('rows.jsonl', '{"text":"Bank raises rates"}\n{"text":7}\nno json\n')
    const given = { source: shop.source, model: shop.model }
    const before = await readdir(shop.path)
    await expect(shop.run(predict, given)).rejects.toThrow(
      /line 2 of .*rows\.jsonl: it has no text in "text"/,
    )
    expect(await readdir(shop.path)).toEqual(before)
    const { parameters, lines } = await shop.run(predict, { ...given, badRows: 'skip' })
    expect(parameters).toEqual({ rows: 1, skipped: 2 })
    expect(lines).toContain('warning: left out 2 rows without a text')
  })

  test('keeps what JSON can say of a column, and no list that nothing can write', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const rows = ['{"toString": []}', '"\\ud800"', 'null', deep].map(id => `{"text": "a cup", "id": ${id}}`)
    const named = '{"text": "a cup", "id": 1, "constructor": 2}'
    await using shop = await shopWith('rows.jsonl', [...rows.slice(0, 3), named].join('\n'))
    const given = { source: shop.source, model: shop.model, keepColumns: ['id', 'constructor'] }
    for (const outputFormat of ['jsonl', 'parquet']) {
      const { parameters } = await shop.run(predict, { ...given, outputFormat }, `${outputFormat}-`)
      expect(parameters).toEqual({ rows: 4, skipped: 0 })
    }
    const kept = await shop.lines('jsonl-predictions')
    expect(kept.map(({ id }) => id)).toEqual([{ toString: [] }, '\ufffd', null, 1])
    expect(kept.map(row => Object.hasOwn(row, 'constructor'))).toEqual([false, false, false, true])
    await writeFile(shop.source, [...rows, named].join('\n'))
    await expect(shop.run(predict, given, 'deep-')).rejects.toThrow(
      'line 4: column "id" is nested too deeply',
    )
  })

  test('reads Parquet whose footer is damaged, or says that it cannot', async () => {
    await using shop = await shopWith('news.csv', CSV)
    const source = shop.file('odd.parquet').path
    parquetWriteFile({
      filename: source,
      columnData: [
        { name: 'text', data: TEXTS },
        { name: 'at', data: TEXTS.map(() => new Date(0)), type: 'TIMESTAMP' },
        { name: 'id', data: TEXTS.map((_, i) => BigInt(i) * 10n ** 15n), type: 'INT64' },
      ],
    })
    const given = { source, model: shop.model, keepColumns: ['id', 'at'], badRows: 'skip' }
    await shop.run(predict, given)
    expect((await shop.lines('predictions'))[1]).toMatchObject({ id: 1e15, at: '1970-01-01T00:00:00.000Z' })
    const bytes = await readFile(source)
    const footer = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8)
    let run = 0
    const property = fc.asyncProperty(
      fc.integer({ min: footer, max: bytes.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, flip) => {
        const broken = Buffer.from(bytes)
        broken[at]! ^= flip
        await writeFile(source, broken)
        run += 1
        await shop.run(predict, given, `${run}-`).catch(expectOurs)
      },
    )
    await fc.assert(property, { numRuns: 40 })
  })

  test('refuses what it cannot do, and leaves nothing', async () => {
    await using shop = await shopWith('news.csv', CSV)
    const given = { source: shop.source, model: shop.model }
    const before = await readdir(shop.path)
    const stop = AbortSignal.abort(new PressroomError('cancelled', 'stopped'))
    await expect(shop.run(predict, { source: shop.source })).rejects.toThrow(
      'neither a folder nor a name is given',
    )
    await expect(shop.run(predict, { ...given, name: 'shop' })).rejects.toThrow(
      'a folder and a name are given',
    )
    await expect(shop.run(predict, { model: shop.model })).rejects.toThrow('neither source nor data is given')
    await expect(shop.run(predict, { ...given, shard: '4/3' })).rejects.toThrow('there is no shard 4/3')
    await expect(shop.run(predict, { ...given, textColumn: 'headlin' })).rejects.toThrow(
      'did you mean --text-column headline?',
    )
    await expect(shop.run(predict, { ...given, keepColumns: ['id', 'sorce'] })).rejects.toThrow(
      'no column "sorce" in ',
    )
    await expect(shop.run(predict, given, '', stop)).rejects.toMatchObject({ code: 'cancelled' })
    await writeFile(shop.file('odd.parquet').path, 'PAR1 and nothing more')
    await expect(
      shop.run(predict, { ...given, source: shop.file('odd.parquet').path }),
    ).rejects.toMatchObject({ code: 'not-text' })
    expect((await readdir(shop.path)).filter(name => name !== 'odd.parquet')).toEqual(before)
  })
})
