import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { flagOf } from '../../cli/command.ts'
import { COMMANDS } from '../../cli/commands/index.ts'
import { VERSION } from '../../core/version.ts'
import { eventually } from '../support/eventually.ts'
import { pressroom, start } from '../support/pressroom.ts'
import { tempFolder } from '../support/temp.ts'

const NEWS = resolve(import.meta.dirname, '../../examples/newsroom/news.csv')

let folder: AsyncDisposable & { readonly path: string }

beforeAll(async () => {
  folder = await tempFolder()
  await writeFile(
    join(folder.path, 'rows.csv'),
    'text,label\nlate penalty,a\ncup final,a\nbank rates,b\noil prices,b\n',
  )
  await writeFile(join(folder.path, 'mine.yaml'), 'ingest:\n  seed: 4\n  testShare: 0.25\n')
})
afterAll(async () => folder[Symbol.asyncDispose]())

/** The settings that a command line comes to. */
async function settingsOf(line: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { stdout, stderr } = await pressroom(folder.path, [...line, '--print-config', '--json'], env)
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

test('--print-config says what each setting is and where it came from, and runs nothing', async () => {
  const env = { PRESSROOM_INGEST_SEED: '5', PRESSROOM_INGEST_BAD_ROWS: 'skip' }
  const line = ['ingest', 'rows.csv', '--config', 'mine.yaml', '--max-reported', '2', '--print-config']
  const { stdout, status } = await pressroom(folder.path, line, env)
  expect(status).toBe(0)
  expect(stdout).toBe(`\
source           "rows.csv"              argument 1
format           "auto"                  default
textColumn       -                       not set
labelColumn      -                       not set
keepColumns      -                       not set
labelNames       -                       not set
badRows          "skip"                  PRESSROOM_INGEST_BAD_ROWS
maxReported      2                       --max-reported
minTextLength    1                       default
validationShare  0.1                     default
testShare        0.25                    mine.yaml: ingest.testShare
seed             5                       PRESSROOM_INGEST_SEED
out              "pressroom-out/ingest"  default
`)
})

test('Ctrl-C in a search leaves nothing but its checkpoint, and says last how to go on', async () => {
  const at = (name: string) => join(folder.path, name)
  const rows = Array.from({ length: 400 }, (_, i) => {
    const text = `${['cup', 'bank'][i % 2]} w${i} v${i % 7}`
    return JSON.stringify({ text, label: `${i % 2}` })
  })
  await writeFile(at('train.jsonl'), rows.join('\n'))
  // Far more fits than anybody waits for; of each maxDf the features are made anew.
  const maxDf = Array.from({ length: 1000 }, (_, i) => (i + 1) / 1000)
  const space = JSON.stringify({ 'features.text.text.maxDf': maxDf })
  const search = ['--train', 'train.jsonl', '--space', space, '--threads', '1']
  const line = ['tune', ...search, '--checkpoint', 'kept.json', '--out', 'deep/found']
  await using running = start(folder.path, line)
  await eventually(() => readFile(at('kept.json')).catch(() => undefined))
  running.process.kill('SIGINT')
  const { status, stderr } = await running.ended
  expect(status).toBe(130)
  expect(stderr.trimEnd().split('\n').slice(-2)).toEqual([
    'tune: stopped',
    '  kept.json keeps what was done; the same command goes on from it',
  ])
  expect(await readdir(folder.path)).not.toContain('deep')
})

test('promote has a --version of its own, and the program another', async () => {
  const settings = await settingsOf(['promote', '--name', 'news', '--version', '3'])
  expect(settings.version).toEqual({ value: '3', origin: '--version' })
  expect((await pressroom(folder.path, ['--version'])).stdout).toBe(`${VERSION}\n`)
})

test.each(['up', 'run'])('%s --set is repeated and keeps its commas', async command => {
  const { set } = await settingsOf([command, '--set', 'name=other', '--set', 'source=a,b.csv'])
  expect(set).toEqual({ value: ['name=other', 'source=a,b.csv'], origin: '--set' })
})

test('a switch stands alone or takes its value', async () => {
  expect(await settingsOf(['up', '--once', '--cache', 'false'])).toMatchObject({
    once: { value: true, origin: '--once' },
    cache: { value: false, origin: '--cache' },
  })
})

test.each([
  [[], 0.9, 0],
  [['--exit-code'], 0.9, 0],
  [[], 0.7, 0],
  [['--exit-code'], 0.7, 3],
])('validate %j of accuracy %d ends with %d', async (flags, accuracy, expected) => {
  await using temp = await tempFolder()
  await writeFile(join(temp.path, 'metrics.json'), JSON.stringify({ accuracy, macroF1: accuracy }))
  const line = ['validate', '--metrics', 'metrics.json', '--json', ...flags]
  const { status, stdout } = await pressroom(temp.path, line)
  expect([status, JSON.parse(stdout).parameters.passed]).toEqual([expected, accuracy > 0.8])
})

test('run --exit-code ends with 3 when a verdict of the run is no, and nowhere but on this machine', async () => {
  await using temp = await tempFolder()
  const line = ['run', 'news', '--set', `source=${NEWS}`, '--set', 'minAccuracy=1', '--exit-code']
  const { status, stdout, stderr } = await pressroom(temp.path, line)
  expect([status, stderr]).toEqual([3, ''])
  expect(stdout).toMatch(/✓ validate +fails: accuracy/)
  const away = await pressroom(temp.path, [...line, '--on', 'kubeflow'])
  expect([away.status, away.stderr]).toEqual([2, expect.stringContaining('--exit-code cannot go with --on')])
})

test('a list by position takes each word that is left', async () => {
  const { models, port } = await settingsOf(['serve', 'news@1=a', '--port', '0', 'mail=b', 'c,d'])
  expect(models).toEqual({ value: ['news@1=a', 'mail=b', 'c', 'd'], origin: 'argument 1' })
  expect(port!.value).toBe(0)
})

test('the same input by position and by flag is refused', async () => {
  const { stderr, status } = await pressroom(folder.path, ['ingest', 'rows.csv', '--source', 'other.csv'])
  expect(stderr).toBe('ingest: --source is given twice\n  rows.csv by position, other.csv by flag\n')
  expect(status).toBe(2)
})

test('the help of each command lists each of its inputs once, with its help', async () => {
  const program = `
    const { main } = await import(${JSON.stringify(pathToFileURL(resolve(import.meta.dirname, '../../cli/main.ts')))})
    for (const name of ${JSON.stringify(COMMANDS.map(({ name }) => name))}) {
      console.log('\\f' + name)
      await main([name, '--help'])
    }
    console.log('\\f')
    await main([])`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program])
  const pages = stdout.split('\f').slice(1)
  const overview = pages.pop()
  expect(pages).toHaveLength(COMMANDS.length)
  for (const [i, { name, description, inputs, positions = [] }] of COMMANDS.entries()) {
    const words = pages[i]!.replaceAll(/\s+/g, ' ')
    expect(words.startsWith(`${name} Usage: pressroom ${name} [options]`)).toBe(true)
    const places = positions.map(key => {
      const input = inputs[key]!
      return 'kind' in input && input.kind === 'list' ? `[${key}...]` : `[${key}]`
    })
    expect(words).toContain(['[options]', ...places].join(' '))
    // Commander's own word for a switch that stands alone; ours is a train setting.
    expect(words).not.toContain('(preset:')
    for (const [key, { help, role }] of Object.entries(inputs)) {
      if (role === 'secret') continue
      // As the option's own entry, which the help follows.
      const entries = words
        .split(` ${flagOf(key)} `)
        .filter(entry => /^(<[^>]+>|\[true\|false\]) /.test(entry))
      expect({ name, key, entries: entries.length }).toEqual({ name, key, entries: 1 })
      expect(entries[0]!.replace(/^\S+ /, '').startsWith(help)).toBe(true)
    }
    expect(overview!.replaceAll(/\s+/g, ' ')).toContain(description)
  }
})

test('Kubeflow calls a stage with --executor_input', async () => {
  const place = (name: string) => ({
    artifacts: [{ name, uri: pathToFileURL(join(folder.path, 'made', name)).href }],
  })
  const made = ['train', 'validation', 'test', 'info', 'preview']
  const input = {
    inputs: {
      parameterValues: { source: join(folder.path, 'rows.csv'), validationShare: 0, testShare: 0.5 },
    },
    outputs: {
      artifacts: Object.fromEntries([...made, 'executor-logs'].map(name => [name, place(name)])),
      parameters: { rows: { outputFile: '/nowhere' } },
      outputFile: join(folder.path, 'made', 'output.json'),
    },
  }
  const { stdout, stderr, status } = await pressroom(folder.path, [
    'ingest',
    '--executor_input',
    JSON.stringify(input),
  ])
  expect(stderr).toMatch(/^ingest: 4 rows, 2 classes/m)
  expect(stdout).toBe('')
  expect(status).toBe(0)
  const output = JSON.parse(await readFile(input.outputs.outputFile, 'utf8'))
  expect(output.parameterValues).toEqual({ rows: 4, classes: 2 })
  expect(Object.keys(output.artifacts)).toEqual(made)
  expect(output.artifacts.train.artifacts).toMatchObject([
    { ...place('train').artifacts[0], metadata: { rows: 2 } },
  ])
  expect((await readFile(join(folder.path, 'made', 'train'), 'utf8')).split('\n')).toHaveLength(3)
})

test('a call of Kubeflow that is wrong is one message and no output', async () => {
  const outputFile = join(folder.path, 'never.json')
  const input = JSON.stringify({ inputs: { parameterValues: { sed: 3 } }, outputs: { outputFile } })
  const { stderr, status } = await pressroom(folder.path, ['ingest', '--executor_input', input])
  expect(stderr).toMatch(
    /^ingest: 7 inputs are wrong\n {2}"sed" is not an input; .*\n {2}"source" is missing/,
  )
  expect(status).toBe(1)
  await expect(readFile(outputFile)).rejects.toMatchObject({ code: 'ENOENT' })
})
