import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'csv-parse/sync'
import { ingest } from '../../components/index.ts'
import { csvEntries } from '../../core/data/csv.ts'
import type { Entry } from '../../core/data/entries.ts'
import {
  describeRows,
  fingerprintRows,
  previewRows,
  type ReadOptions,
  type Row,
  readDataset,
  readRows,
  splitStratified,
  textRows,
  withSource,
  writeDataset,
} from '../../core/data/index.ts'
import { requireRoomFor } from '../../core/data/room.ts'
import * as fc from '../support/properties.ts'
import { tempFolder } from '../support/temp.ts'
import { unprivileged } from '../support/unprivileged.ts'

/** Reads a real file of that name and content. */
async function read(name: string, content: string | Uint8Array, options?: ReadOptions) {
  await using temp = await tempFolder()
  const path = join(temp.path, name)
  await writeFile(path, content)
  return await readRows(path, options)
}

/** What reading throws, with the temporary folder cut from its message. */
async function failure(name: string, content: string | Uint8Array, options?: ReadOptions) {
  const error = await read(name, content, options).then(
    () => undefined,
    (thrown: Error & { code: string }) => thrown,
  )
  return `${error?.code}: ${error?.message.replaceAll(/\S*\/pressroom-\w+\//g, '')}`
}

const utf16 = (text: string) => Buffer.from(text, 'utf16le')
const pairs = (rows: readonly Row[]) => rows.map(({ text, label }) => [text, label])
const TWO = [
  ['one', 'A'],
  ['two', 'B'],
]

describe('formats', () => {
  const cases: readonly [name: string, file: string, content: string | Uint8Array][] = [
    ['CSV', 'a.csv', 'text,label\none,A\ntwo,B\n'],
    ['CSV with CR LF and no last line end', 'a.csv', 'text,label\r\none,A\r\ntwo,B'],
    ['CSV with line ends of both kinds', 'a.csv', 'text,label\r\none,A\ntwo,B\r\n'],
    ['CSV with a byte order mark', 'a.csv', '\ufefftext,label\none,A\ntwo,B\n'],
    ['CSV with empty lines', 'a.csv', '\n\ntext,label\n\none,A\r\n\r\ntwo,B\n\n'],
    ['CSV quoted throughout', 'a.csv', '"text","label"\n"one","A"\n"two","B"\n'],
    ['CSV with semicolons', 'a.csv', 'text;label\none;A\ntwo;B\n'],
    ['CSV with white space around', 'a.csv', ' text , label \n one , A \n two , B \n'],
    ['CSV as AG News has it, label first', 'a.csv', '"label","text"\n"A","one"\n"B","two"\n'],
    ['TSV by its name', 'a.TSV', 'text\tlabel\none\tA\ntwo\tB\n'],
    ['TSV by its first line', 'a.txt', 'text\tlabel\none\tA\ntwo\tB\n'],
    ['CSV by its first line', 'rows', 'text,label\none,A\ntwo,B\n'],
    ['JSONL', 'a.jsonl', '{"text":"one","label":"A"}\n\n{"label":"B","text":"two","more":1}\r\n'],
    [
      'JSONL with a byte order mark, by its first line',
      'a',
      '\ufeff{"text":"one","label":"A"}\n{"text":"two","label":"B"}',
    ],
  ]
  test.each(cases)('%s', async (_, file, content) => {
    expect(pairs((await read(file, content)).rows)).toEqual(TWO)
  })

  test('the format asked for goes before the name', async () => {
    const found = await read('a.jsonl', 'text,label\none,A\ntwo,B\n', { format: 'csv' })
    expect(found).toMatchObject({ format: 'csv', read: 2 })
  })

  test('a quoted field keeps delimiters, quotes and line ends', async () => {
    const { rows } = await read('a.csv', 'text,label\n"a, ""b""\r\nc\n\nd",A\nplain "quote",B\n')
    expect(pairs(rows)).toEqual([
      ['a, "b"\r\nc\n\nd', 'A'],
      ['plain "quote"', 'B'],
    ])
  })

  const field = fc.string({ unit: fc.constantFrom(...'ab ",;\t\'é😀', '\n', '\r\n', '""') })
  const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`

  test('CSV comes back as it was written, and as csv-parse reads it, whatever the pieces', async () => {
    const table = fc.array(fc.tuple(field, field, field), { minLength: 1, maxLength: 8 })
    const property = fc.asyncProperty(table, fc.constantFrom('\n', '\r\n'), async (records, end) => {
      const text = records.map(record => record.map(quoted).join(',') + end).join('')
      // Pieces are whole lines; the smallest are the hardest.
      async function* pieces() {
        for (const [i, line] of (text.match(/[^\n]*\n/g) ?? []).entries()) {
          yield { line: i + 1, bytes: Buffer.from(line) }
        }
      }
      const entries: Entry[] = []
      for await (const piece of csvEntries(pieces(), ',')) entries.push(...piece)
      const values = entries.map(entry => ('values' in entry ? entry.values : entry.problem))
      expect(values).toEqual(records)
      expect(values).toEqual(parse(text, { record_delimiter: ['\r\n', '\n'] }))
      const before = (i: number) => records.slice(0, i).map(record => record.map(quoted).join(',') + end)
      expect(entries.map(entry => entry.line)).toEqual(
        records.map((_, i) => before(i).join('').split('\n').length),
      )
    })
    await fc.assert(property, { numRuns: 200 })
  })

  test('a line of nothing but two quotes is a row with an empty text', async () => {
    await using temp = await tempFolder()
    const path = join(temp.path, 'a.csv')
    await writeFile(path, 'text\none\n\n""\ntwo\n')
    const lines: unknown[] = []
    await withSource(path, 'auto', AbortSignal.timeout(10_000), async source => {
      for await (const row of textRows(path, source, {})) lines.push([row.line, 'text' in row && row.text])
    })
    expect(lines).toEqual([
      [2, 'one'],
      [4, ''],
      [5, 'two'],
    ])
  })

  test('any text and label survive a CSV file and a data set', async () => {
    await using temp = await tempFolder()
    const word = fc.string({ unit: 'grapheme', minLength: 1 }).map(text => text.replaceAll('\0', '').trim())
    const row = fc
      .record({ text: word, label: word })
      .filter(({ text, label }) => text !== '' && label !== '')
    const many = fc.uniqueArray(row, { selector: ({ text }) => text, minLength: 2 })
    const property = fc.asyncProperty(many, async rows => {
      fc.pre(new Set(rows.map(({ label }) => label)).size > 1)
      const lines = rows.map(({ text, label }) => `${quoted(text)},${quoted(label)}\r\n`)
      await writeFile(join(temp.path, 'a.csv'), `text,label\r\n${lines.join('')}`)
      const found = await readRows(join(temp.path, 'a.csv'))
      expect(found.rows).toEqual(rows)
      await writeDataset(join(temp.path, 'set'), found.rows)
      expect(await readDataset(join(temp.path, 'set'))).toEqual(rows)
    })
    await fc.assert(property, { numRuns: 50 })
  })

  test('pieces cut anywhere change nothing: a file far larger than one', async () => {
    const rows = Array.from({ length: 9000 }, (_, i) => [
      `é ${'x'.repeat(i % 97)}\n"${i}"`,
      i % 3 ? 'A' : 'B',
    ])
    const csv = rows.map(record => record.map(value => quoted(value ?? '')).join(',')).join('\r\n')
    const found = await read('a.csv', `text,label\r\n${csv}`)
    expect(pairs(found.rows)).toEqual(rows)
  })
})

describe('columns', () => {
  const found = (text: string, label: string, header = true) => ({ text, label, header })
  const cases: readonly [first: string, options: ReadOptions, columns: unknown][] = [
    ['text,label', {}, found('text', 'label')],
    ['id,Headline,Category', {}, found('Headline', 'Category')],
    ['content,title,text,class', {}, found('text', 'class')],
    ['überschrift,label', {}, found('überschrift', 'label')],
    ['review,stars', {}, found('review', 'stars')],
    ['a,b,c', { textColumn: 'c', labelColumn: 'a' }, found('c', 'a')],
    ['text,label,topic', { labelColumn: 'topic' }, found('text', 'topic')],
    ['a,b', { textColumn: 'b' }, found('b', 'a')],
    ['label,text', { labelColumn: 'text', textColumn: 'label' }, found('label', 'text')],
    ['3,Oil prices rise again', {}, found('2', '1', false)],
    ['Oil prices rise again,Sci/Tech', {}, found('1', '2', false)],
  ]
  test.each(cases)('of "%s" with %j', async (first, options, columns) => {
    const width = first.split(',').length
    const row = (start: string) => Array.from({ length: width }, (_, i) => start + i).join(',')
    const read1 = await read('a.csv', `${first}\n${row('x')}\n${row('y')}\n`, options)
    expect(read1.columns).toEqual(columns)
    expect(read1.read).toBe(read1.columns.header ? 2 : 3)
  })

  const refused: readonly [first: string, options: ReadOptions, error: string][] = [
    [
      'text,label,source',
      { textColumn: 'headline' },
      'missing-column: no column "headline" in a.csv\n  it has: text, label, source\n  did you mean --text-column text?',
    ],
    [
      'title,texts,kind,x',
      { labelColumn: 'kinds' },
      'missing-column: no column "kinds" in a.csv\n  it has: title, texts, kind, x\n  did you mean --label-column kind?',
    ],
    [
      'a,b,c',
      { textColumn: 'a', labelColumn: 'wholly-different' },
      'missing-column: no column "wholly-different" in a.csv\n  it has: a, b, c\n  name one of them with --label-column',
    ],
    [
      'x,y,z',
      {},
      'missing-column: no column of a.csv looks like the text\n  it has: x, y, z\n  name it with --text-column, or let the first line name it: text',
    ],
    [
      'text,y,z',
      {},
      'missing-column: no column of a.csv looks like the label\n  it has: text, y, z\n  name it with --label-column, or let the first line name it: label',
    ],
    [
      'text,label,text',
      {},
      'missing-column: a.csv has 2 columns "text"\n  give each column a name of its own',
    ],
    [
      'text,label',
      { textColumn: 'label', labelColumn: 'label' },
      'invalid-setting: column "label" cannot be both text and label\n  name two columns with --text-column and --label-column',
    ],
    [
      'Sports,Keeper saves a late penalty,and a third field of some length which no name ever has',
      {},
      'missing-column: no column of a.csv looks like the text\n  it has: Sports, Keeper saves a late penalty, and a third field of some length which…\n  name it with --text-column, or let the first line name it: text',
    ],
  ]
  test.each(refused)('refuses "%s" with %j', async (first, options, error) => {
    expect(await failure('a.csv', `${first}\n`, options)).toBe(error)
  })

  test('JSONL has those of its first object, and never those of Object', async () => {
    const lines = '{"text":"one","label":"A"}\n{"text":"two","label":"B"}\n'
    expect(await failure('a.jsonl', lines, { labelColumn: 'toString' })).toMatch(
      /^missing-column: no column "toString"/,
    )
    expect(await failure('a.jsonl', '{"constructor":"x","text":"one"}\n{"text":"two"}')).toMatch(
      /line 2: no label/,
    )
  })
})

test('half of a surrogate pair, which JSON can escape, reads as U+FFFD wherever it stands; a whole one stays', async () => {
  const lines =
    '{"text":"cut \\ud83d","label":"\\uDE00","by":"\\udc00x"}\n{"text":"\\ud83d\\ude00 \\\\ud83d","label":"A"}\n'
  const { rows } = await read('a.jsonl', lines, { keepColumns: ['by'] })
  expect(rows).toEqual([
    { text: 'cut \ufffd', label: '\ufffd', columns: { by: '\ufffdx' } },
    { text: '😀 \\ud83d', label: 'A', columns: {} },
  ])
})

describe('labels', () => {
  const names = ['World', 'Sports', 'Business']
  const csv = (...labels: (string | number)[]) =>
    `label,text\n${labels.map((label, i) => `${label},t${i}\n`).join('')}`
  const cases: readonly [labels: (string | number)[], names: string[]][] = [
    [
      [0, 1, 2],
      ['World', 'Sports', 'Business'],
    ],
    [
      [0, 1],
      ['World', 'Sports'],
    ],
    [
      [1, 2, 3],
      ['World', 'Sports', 'Business'],
    ],
    [
      [3, 1],
      ['Business', 'World'],
    ],
    [
      ['Sports', 'World'],
      ['Sports', 'World'],
    ],
    [
      ['Sports', 0],
      ['Sports', 'World'],
    ],
  ]
  test.each(cases)('%j are %j', async (labels, named) => {
    const { rows } = await read('a.csv', csv(...labels), { labelNames: names })
    expect(rows.map(({ label }) => label)).toEqual(named)
  })

  test('numbers of JSON are labels too', async () => {
    const { rows } = await read('a.jsonl', '{"text":"a","label":1}\n{"text":"b","label":2}')
    expect(rows.map(({ label }) => label)).toEqual(['1', '2'])
  })

  test('numbers that fit the names both ways, wrong names and wrong labels are refused', async () => {
    expect(await failure('a.csv', csv(1, 2), { labelNames: names })).toBe(
      'invalid-setting: cannot tell whether labels count from 0 or from 1\n  the labels 1, 2 fit the 3 names both ways\n  give as many names as there are labels, or write the names into the rows',
    )
    expect(await failure('a.csv', csv(0, 1), { labelNames: ['A', 'A'] })).toMatch(
      /^invalid-setting: labelNames must be distinct/,
    )
    expect(await failure('a.csv', csv(0, 3, 'Sprots'), { labelNames: names })).toBe(
      'invalid-rows: 2 of 3 rows of a.csv break the schema\n  line 3: label 3 has no name; the names are numbered 0 to 2\n  line 4: label "Sprots" is neither a number nor one of the label names\n  correct them, or leave them out with --bad-rows skip',
    )
  })
})

describe('bad rows', () => {
  const BAD_CSV = [
    'text,label',
    '"kept, over',
    'two lines",A',
    ',B',
    'no label,',
    'two fields more,A,x,y',
    'single',
    'abc,A',
    '"text" after,A',
    'kept again,B',
    '"quoted"" text',
    '   ,A',
    'both,A',
    'both,B',
    'kept again,B',
    'both,A',
    '"never closed,A',
  ].join('\n')

  const BAD_LINES = [
    'line 4: the text is empty',
    'line 5: no label',
    'line 6: 4 fields where the first line has 2',
    'line 7: 1 field where the first line has 2',
    'line 8: the text has 3 characters, fewer than 4',
    'line 9: a quoted field is followed by more text; double the quotes inside it',
    'line 11: a quoted field is followed by more text; double the quotes inside it',
    'line 12: the text is empty',
    'line 13: the same text is labelled "A" on line 13 and "B" on line 14',
    'line 14: the same text is labelled "A" on line 13 and "B" on line 14',
    'line 16: the same text is labelled "A" on line 13 and "B" on line 14',
    'line 17: a quote is opened and never closed',
  ]

  test('each is named with its line', async () => {
    expect(await failure('a.csv', BAD_CSV, { minTextLength: 4 })).toBe(
      [
        'invalid-rows: 12 of 15 rows of a.csv break the schema',
        ...BAD_LINES,
        'correct them, or leave them out with --bad-rows skip',
      ].join('\n  '),
    )
  })

  test('only the first ones are, above the limit', async () => {
    const message = await failure('a.csv', BAD_CSV, { minTextLength: 4, maxReported: 9 })
    expect(message.split('\n  ').slice(1, -1)).toEqual([...BAD_LINES.slice(0, 9), 'and 3 more'])
  })

  test('skipped, they are left out and counted', async () => {
    const found = await read('a.csv', BAD_CSV, { minTextLength: 4, badRows: 'skip', maxReported: 2 })
    expect(pairs(found.rows)).toEqual([
      ['kept, over\ntwo lines', 'A'],
      ['kept again', 'B'],
    ])
    expect(found).toMatchObject({ read: 15, duplicates: 1, bad: { count: 12 } })
    expect(found.bad.reported).toEqual([
      { line: 4, problem: 'the text is empty' },
      { line: 5, problem: 'no label' },
    ])
  })

  test('those of JSONL', async () => {
    const lines = [
      '{"text":"a","label":"A"}',
      '{"text":"b","label":',
      '["b","B"]',
      'null',
      '{"text":5,"label":"B"}',
      '{"text":["b"],"label":"B"}',
      '{"text":null,"label":"B"}',
      '{"text":"b"}',
      '{"text":"b","label":{}}',
      '{"text":"b","label":0.5}',
      '{"text":"c","label":" "}',
    ]
    expect((await failure('a.jsonl', lines.join('\n'))).split('\n  ').slice(1, -1)).toEqual([
      'line 2: not valid JSON',
      'line 3: not a JSON object',
      'line 4: not a JSON object',
      'line 5: the text is a number, not a string',
      'line 6: the text is a list, not a string',
      'line 7: no text',
      'line 8: no label',
      'line 9: the label is an object, not a string or a whole number',
      'line 10: the label is a number, not a string or a whole number',
      'line 11: no label',
    ])
  })

  test('a stray quote costs its own line, not the rows after it', async () => {
    const rows = Array.from({ length: 60_000 }, (_, i) => `row number ${i},${i % 2 ? 'A' : 'B'}\n`)
    const found = await read('a.csv', `text,label\n"stray,A\n${rows.join('')}`, { badRows: 'skip' })
    expect(found).toMatchObject({
      read: 60_001,
      bad: { count: 1, reported: [{ line: 2, problem: 'a quote is opened and not closed within 1 MB' }] },
    })
    expect(found.rows).toHaveLength(60_000)
  })
})

describe('what is no file of rows', () => {
  const UTF16_FIX = 'save it as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8 a.csv'
  const cases: readonly [what: string, name: string, content: string | Uint8Array, error: string][] = [
    [
      'nothing',
      'a.csv',
      '',
      'no-rows: no rows in a.csv\n  the file is empty\n  give a file with a text and a label in each row',
    ],
    [
      'a byte order mark alone',
      'a.csv',
      '\ufeff',
      'no-rows: no rows in a.csv\n  the file is empty\n  give a file with a text and a label in each row',
    ],
    [
      'empty lines',
      'a.csv',
      '\n\n',
      'no-rows: no rows in a.csv\n  the file is empty\n  give a file with a text and a label in each row',
    ],
    [
      'a header',
      'a.csv',
      'text,label\n',
      'no-rows: no rows in a.csv\n  it has a header line only\n  give a file with a text and a label in each row',
    ],
    [
      'one class',
      'a.csv',
      'text,label\na,A\nb,A\n',
      'too-few-classes: every row of a.csv has the label "A"\n  a classifier needs rows of two labels or more; check --label-column',
    ],
    [
      'UTF-16 with its mark',
      'a.csv',
      utf16('\ufefftext,label\n'),
      `not-text: a.csv is written in UTF-16\n  ${UTF16_FIX}`,
    ],
    [
      'UTF-16 without',
      'a.csv',
      utf16('text,label\nä,B\n'),
      `not-text: a.csv is written in UTF-16\n  ${UTF16_FIX}`,
    ],
    [
      'Latin-1',
      'a.csv',
      Buffer.from('text,label\na,B\nmenü,A\n', 'latin1'),
      'not-text: a.csv is not UTF-8 text\n  the first byte that does not fit is on line 3\n  save it as UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8 a.csv',
    ],
    [
      'bytes',
      'a.csv',
      Buffer.from('text,label\n\n\x01\x00\x02\x03\x00\x00'),
      'not-text: a.csv is not a text file\n  line 3 holds a zero byte\n  export the rows as CSV, TSV or JSONL in UTF-8',
    ],
    [
      'a spreadsheet',
      'a.csv',
      Buffer.from('PK\x03\x04\x14\x00'),
      'not-text: a.csv is not a text file\n  it is a zip archive or a spreadsheet; unpack it, or export it as CSV',
    ],
    [
      'a JSON array',
      'a.json',
      '[{"text":"a"}]',
      "not-text: a.json is a JSON array, not rows\n  write one object a line: jq -c '.[]' a.json > rows.jsonl",
    ],
  ]
  test.each(cases)('%s', async (_, name, content, error) => {
    expect(await failure(name, content)).toBe(error)
  })

  test('all rows bad and skipped', async () => {
    expect(await failure('a.csv', 'text,label\n,A\n', { badRows: 'skip' })).toMatch(
      /^no-rows: no rows in a.csv\n {2}line 2: the text is empty/,
    )
  })

  test('no file, a folder, a closed file', async () => {
    await using temp = await tempFolder()
    await mkdir(join(temp.path, 'folder.csv'))
    await writeFile(join(temp.path, 'closed.csv'), 'text,label\n')
    await chmod(join(temp.path, 'closed.csv'), 0)
    using _ = unprivileged(temp.path)
    await expect(readRows(join(temp.path, 'none.csv'))).rejects.toMatchObject({ code: 'file-not-found' })
    await expect(readRows(join(temp.path, 'folder.csv'))).rejects.toMatchObject({ code: 'not-a-file' })
    await expect(readRows(join(temp.path, 'closed.csv'))).rejects.toMatchObject({ code: 'not-readable' })
  })

  test.each(['csv', 'jsonl'])('a line of 50 MB in %s', async format => {
    const start = format === 'csv' ? 'text,label\na,B\n' : '{"text":"a","label":"B"}\n\n'
    const content = Buffer.alloc(50_000_000, 'x')
    content.write(start)
    expect(await failure(`a.${format}`, content)).toBe(
      `invalid-rows: line 3 of a.${format} is longer than 1 MB\n  put each row on a line of its own, and leave out what is no text`,
    )
  })

  /** A pipe that a command keeps writing to until nobody reads. */
  async function endless(folder: string, command: string) {
    const path = join(folder, 'a.csv')
    execFileSync('sh', ['-c', `mkfifo '${path}'`])
    const ended = once(spawn('sh', ['-c', `${command} > '${path}'`], { stdio: 'ignore' }), 'exit')
    return { path, ended }
  }

  test('rows that the heap has no room for, before any is read', async () => {
    await using temp = await tempFolder()
    const path = join(temp.path, 'a.csv')
    await writeFile(path, 'text,label\n'.repeat(100_000))
    await expect(requireRoomFor(path, 1e6)).rejects.toMatchObject({
      code: 'not-enough-memory',
      where: expect.stringContaining('the file has 1 MB'),
      fix: expect.stringMatching(/--max-old-space-size=4$/),
    })
    await requireRoomFor(path, 2e6)
    await requireRoomFor(join(temp.path, 'none'), 0)
    await requireRoomFor(temp.path, 0)
  })

  test('a record of many lines that is longer than a line may be', async () => {
    const long = 'many words\n'.repeat(120_000)
    const found = await read('a.csv', `text,label\n"${long}",A\nb,B\nc,C\n`, { badRows: 'skip' })
    expect(found.bad.reported[0]).toEqual({
      line: 2,
      problem: 'a quote is opened and not closed within 1 MB',
    })
    expect(found.rows).toHaveLength(2)
  })

  test('a line that never ends', async () => {
    await using temp = await tempFolder()
    const { path, ended } = await endless(temp.path, "tr '\\0' x < /dev/zero")
    await expect(readRows(path)).rejects.toMatchObject({ code: 'invalid-rows' })
    await ended
  })

  test('rows that never end are read until cancelled', async () => {
    await using temp = await tempFolder()
    const { path, ended } = await endless(temp.path, 'yes text,label')
    const reading = readRows(path, { signal: AbortSignal.timeout(100) })
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' })
    await ended
  })

  test('a line just within the limit is read', async () => {
    const long = 'x'.repeat(999_000)
    expect((await read('a.csv', `text,label\n${long},A\nb,B\n`)).rows[0]?.text).toBe(long)
  })

  test('nothing is read when cancelled before', async () => {
    await using temp = await tempFolder()
    const path = join(temp.path, 'a.csv')
    await writeFile(path, 'text,label\na,A\nb,B\n')
    await expect(readRows(path, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
    await expect(readDataset(path, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' })
  })

  test('a data set of another making', async () => {
    await using temp = await tempFolder()
    const path = join(temp.path, 'set')
    await writeFile(path, '')
    expect(await readDataset(path)).toEqual([])
    for (const line of ['text,label', '{"text":"a"}', '{"text":1,"label":"A"}', '{"text":"a","label":"A"']) {
      await writeFile(path, `{"text":"a","label":"A"}\n${line}\n`)
      await expect(readDataset(path)).rejects.toMatchObject({
        code: 'invalid-rows',
        message: expect.stringContaining('line 2'),
      })
    }
  })
})

describe('splitting', () => {
  const labels = fc.array(fc.constantFrom('A', 'B', 'C'), { minLength: 1, maxLength: 80 })
  const rowsOf = (labels: readonly string[]) => labels.map((label, i) => ({ text: `text ${i}`, label }))
  const share = fc.integer({ min: 0, max: 9 }).map(tenths => tenths / 20)
  const options = fc.record({ validationShare: share, testShare: share, seed: fc.nat() })

  test('parts the rows, and gives every class its share of each split', () => {
    const property = fc.property(labels, options, (labels, options) => {
      const rows = rowsOf(labels)
      const splits = splitStratified(rows, options)
      const all = [...splits.train, ...splits.validation, ...splits.test]
      expect(new Set(all)).toEqual(new Set(rows))
      expect(all).toHaveLength(rows.length)
      const shares = {
        train: 1 - options.validationShare - options.testShare,
        validation: options.validationShare,
        test: options.testShare,
      }
      const wanted = Object.values(shares).filter(share => share > 0)
      for (const label of new Set(labels)) {
        const size = labels.filter(other => other === label).length
        const exact = size * Math.min(...wanted) >= 1
        for (const split of ['train', 'validation', 'test'] as const) {
          const count = splits[split].filter(row => row.label === label).length
          if (shares[split] === 0) expect(count).toBe(0)
          else if (split === 'train' || size >= wanted.length) expect(count).toBeGreaterThan(0)
          if (exact) expect(Math.abs(count - size * shares[split])).toBeLessThanOrEqual(1)
        }
      }
    })
    fc.assert(property, { numRuns: 300 })
  })

  test('depends on the rows and the seed, not on the order of the rows', () => {
    const property = fc.property(labels, options, fc.nat(), (labels, options, turn) => {
      const rows = rowsOf(labels)
      const cut = turn % rows.length
      const turned = [...rows.slice(cut), ...rows.slice(0, cut)].reverse()
      expect(splitStratified(turned, options)).toEqual(splitStratified(rows, options))
      expect(fingerprintRows(turned)).toBe(fingerprintRows(rows))
    })
    fc.assert(property, { numRuns: 100 })
  })

  test('is the same on every machine, and another for another seed', () => {
    const rows = rowsOf(Array.from('AABBAABBAB'))
    const split = (seed: number) => splitStratified(rows, { validationShare: 0.2, testShare: 0.2, seed })
    expect(split(7).test.map(({ text }) => text)).toEqual(['text 4', 'text 6'])
    expect(split(8).test).not.toEqual(split(7).test)
  })

  test('a class of two rows is in train and test', () => {
    const rows = rowsOf(Array.from('AAABB'))
    const { train, validation, test } = splitStratified(rows, {
      validationShare: 0.1,
      testShare: 0.1,
      seed: 1,
    })
    const sorted = (rows: readonly Row[]) =>
      rows
        .map(({ label }) => label)
        .sort()
        .join('')
    expect([sorted(train), sorted(validation), sorted(test)]).toEqual(['AB', 'A', 'AB'])
  })

  test.each([
    [0.9, 0.9],
    [0.5, 0.5],
    [-0.1, 0.2],
    [Number.NaN, 0.2],
  ])('shares of %p and %p leave no training rows', (validationShare, testShare) => {
    expect(() => splitStratified(rowsOf(['A']), { validationShare, testShare, seed: 1 })).toThrow(
      'the shares leave no training rows',
    )
  })

  test('no text is in two splits, however often the file repeats it', async () => {
    await using temp = await tempFolder()
    const row = fc.tuple(fc.constantFrom(...'abcdefghij'), fc.constantFrom('A', 'B'))
    const property = fc.asyncProperty(fc.array(row, { minLength: 4, maxLength: 60 }), async records => {
      const path = join(temp.path, 'a.csv')
      await writeFile(path, `text,label\n${records.map(record => record.join(',')).join('\n')}`)
      const found = await readRows(path, { badRows: 'skip' }).catch(error => {
        if (['no-rows', 'too-few-classes'].includes(error.code)) return undefined
        throw error
      })
      fc.pre(found !== undefined)
      const { train, validation, test } = splitStratified(found.rows, {
        validationShare: 0.2,
        testShare: 0.2,
        seed: 1,
      })
      const texts = [...train, ...validation, ...test].map(({ text }) => text)
      expect(new Set(texts).size).toBe(texts.length)
      expect(found.read).toBe(found.rows.length + found.duplicates + found.bad.count)
    })
    await fc.assert(property, { numRuns: 50 })
  })
})

describe('describing', () => {
  test('counts, balance and lengths', () => {
    const rows = [
      { text: 'one two', label: 'b' },
      { text: '😀', label: 'a' },
      { text: 'a\nb  c', label: 'b' },
      { text: 'four', label: 'b' },
    ]
    expect(describeRows(rows)).toEqual({
      rows: 4,
      classes: [
        { label: 'a', rows: 1, share: 0.25 },
        { label: 'b', rows: 3, share: 0.75 },
      ],
      characters: { min: 1, median: 5, mean: 4.5, p95: 6.85, max: 7 },
      words: { min: 1, median: 1.5, mean: 1.75, p95: 2.85, max: 3 },
    })
  })

  test('the fingerprint counts every row, and keeps text and label apart', () => {
    const a = { text: 'a', label: 'b' }
    const prints = [[], [a], [a, a], [{ text: 'b', label: 'a' }], [{ text: '', label: 'ab' }]].map(
      fingerprintRows,
    )
    expect(new Set(prints).size).toBe(5)
  })

  test('a preview shows rows as text, whatever is in them', () => {
    const train = [
      { text: '<b>|x|</b> [link](http://a)\nnext', label: 'A|B' },
      { text: 'y'.repeat(200), label: 'C' },
    ]
    expect(previewRows({ train, validation: [], test: train.slice(1) })).toBe(
      [
        '# Rows',
        '',
        '| class | train | validation | test | share of train |',
        '| --- | ---: | ---: | ---: | ---: |',
        '| A\\|B | 1 | 0 | 0 | 50.0 % |',
        '| C | 1 | 0 | 1 | 50.0 % |',
        '',
        '## A\\|B',
        '',
        '- \\<b\\>\\|x\\|\\</b\\> \\[link\\]\\(http://a\\) next',
        '',
        '## C',
        '',
        `- ${'y'.repeat(159)}…`,
        '',
      ].join('\n'),
    )
  })
})

describe('ingest', () => {
  type Context = Parameters<Awaited<ReturnType<typeof ingest.run>>['default']>[0]
  const DEFAULTS: Omit<Context['inputs'], 'source'> = {
    format: 'auto',
    textColumn: undefined,
    labelColumn: undefined,
    labelNames: undefined,
    keepColumns: undefined,
    badRows: 'fail',
    maxReported: 20,
    minTextLength: 1,
    validationShare: 0.2,
    testShare: 0.2,
    seed: 7,
  }
  const KEYS = ['train', 'validation', 'test', 'info', 'preview'] as const

  async function ingested(
    folder: string,
    name: string,
    content: string,
    inputs: Partial<Context['inputs']> = {},
  ) {
    const source = join(folder, name)
    await mkdir(folder, { recursive: true })
    await writeFile(source, content)
    const logged: string[] = []
    const log = {
      info: (line: string) => logged.push(line),
      warn: (line: string) => logged.push(`! ${line}`),
    }
    const outputs = Object.fromEntries(
      KEYS.map(key => [key, { path: join(folder, 'out', key), uri: '' }]),
    ) as Context['outputs']
    const { default: run } = await ingest.run()
    const result = await run({
      inputs: { ...DEFAULTS, ...inputs, source },
      outputs,
      log,
      signal: new AbortController().signal,
    })
    const files = await Promise.all(KEYS.map(key => readFile(outputs[key].path, 'utf8')))
    return { result, logged: logged.map(line => line.replaceAll(`${folder}/`, '')), files }
  }

  const rows = Array.from({ length: 20 }, (_, i) => `text ${i},${i % 4 === 0 ? 'Rare' : 'Common'}`)
  const csv = ['text,label', ...rows, 'text 0,Rare', ',Rare', 'alone,Lonely', ''].join('\n')

  test('warns of labels that only case or space tells apart', async () => {
    await using temp = await tempFolder()
    const slips = [
      'text,label',
      ...Array.from({ length: 20 }, (_, i) => `text ${i},${['Sport', 'sport', 'money'][i % 3]}`),
    ]
    const { logged } = await ingested(temp.path, 'a.csv', `${slips.join('\n')}\n`, {})
    expect(logged).toContain(
      '! labels that only case or space tells apart, each a class of its own: "Sport", "sport"',
    )
  })

  test.each([
    [
      'a,A\nb,A\nc,B\n',
      {},
      [
        'validation split is empty: every class has too few rows for it',
        'too few rows for the test split: B',
      ],
    ],
    ['a,A\nb,B\n', {}, ['validation split is empty', 'test split is empty']],
    ['a,A\nb,B\n', { validationShare: 0 }, ['test split is empty']],
    ['a,A\nb,B\n', { validationShare: 0, testShare: 0 }, []],
  ])('warns of every split that few rows leave empty: %j, %j', async (lines, inputs, warnings) => {
    await using temp = await tempFolder()
    const { logged } = await ingested(temp.path, 'a.csv', `text,label\n${lines}`, inputs)
    expect(logged.slice(1)).toEqual(warnings.map(warning => expect.stringContaining(warning)))
  })

  test('writes the splits, their description and a preview, and says what it did', async () => {
    await using temp = await tempFolder()
    const { result, logged, files } = await ingested(temp.path, 'a.csv', csv, { badRows: 'skip' })
    expect(result).toEqual({
      parameters: { rows: 21, classes: 3 },
      metadata: { train: { rows: 13 }, validation: { rows: 4 }, test: { rows: 4 } },
      summary: '21 rows, 3 classes, 1 duplicate dropped, 1 bad row skipped; split 13, 4, 4',
    })
    expect(logged).toEqual([
      'a.csv: column "text" is the text, "label" the label',
      '! left out 1 row of a.csv:',
      '!   line 23: the text is empty',
      '! too few rows for the validation split: Lonely',
      '! too few rows for the test split: Lonely',
    ])
    const [train, validation, testRows] = await Promise.all(
      KEYS.slice(0, 3).map(key => readDataset(join(temp.path, 'out', key))),
    )
    const everything = [...(train ?? []), ...(validation ?? []), ...(testRows ?? [])]
    expect(everything.map(({ text }) => text).sort()).toEqual(
      [...rows.map(row => row.split(',')[0]), 'alone'].sort(),
    )
    expect(JSON.parse(files[3] ?? '')).toMatchObject({
      formatVersion: 1,
      fingerprint: fingerprintRows(everything),
      source: { name: 'a.csv', format: 'csv', columns: { text: 'text', label: 'label', header: true } },
      rows: { read: 23, kept: 21, duplicates: 1, bad: 1 },
      badRows: [{ line: 23, problem: 'the text is empty' }],
      classes: [
        { label: 'Common', rows: 15 },
        { label: 'Lonely', rows: 1 },
        { label: 'Rare', rows: 5 },
      ],
      split: { seed: 7, train: { rows: 13, fingerprint: fingerprintRows(train ?? []) } },
    })
    expect(files[4]).toContain('| Lonely | 1 | 0 | 0 |')
  })

  test('gives the same bytes for the same rows, wherever the file lies and however its lines end', async () => {
    await using temp = await tempFolder()
    const first = await ingested(join(temp.path, 'one'), 'a.csv', csv, { badRows: 'skip' })
    const second = await ingested(join(temp.path, 'two'), 'a.csv', csv.replaceAll('\n', '\r\n'), {
      badRows: 'skip',
    })
    expect(second.files).toEqual(first.files)
  })

  test('refuses label names that are no strings, and writes nothing when it fails', async () => {
    await using temp = await tempFolder()
    await expect(ingested(temp.path, 'a.csv', csv, { labelNames: [1, 2] })).rejects.toMatchObject({
      code: 'invalid-setting',
    })
    await expect(ingested(temp.path, 'a.csv', csv)).rejects.toMatchObject({ code: 'invalid-rows' })
    await expect(readFile(join(temp.path, 'out/train'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
