import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { openRegistry } from '../../core/registry/index.ts'
import { eventually } from '../support/eventually.ts'
import { pressroom, type Running, start } from '../support/pressroom.ts'
import { tempFolder } from '../support/temp.ts'

const UP = ['up', '--port', '0']
const STAGES = ['ingest', 'train', 'evaluate', 'validate', 'register', 'promote']

test('the whole job, twice: the second run reuses what is unchanged and registers nothing new', async () => {
  await using folder = await tempFolder()
  const first = await pressroom(folder.path, [...UP, '--once'])
  expect(first.stderr).toBe('')
  expect(first.status).toBe(0)
  for (const name of STAGES) expect(first.stdout).toMatch(new RegExp(`✓ ${name} `))
  for (const heading of ['precision', 'recall', 'macro average', 'accuracy'])
    expect(first.stdout).toContain(heading)
  expect(first.stdout).toMatch(/✓ deploy +\d+ events verified; local: news 1 takes 100 %/)
  expect(first.stdout).toMatch(/"Central bank holds rates as inflation cools" +\S/)

  const second = await pressroom(folder.path, [...UP, '--once'])
  expect(second.status).toBe(0)
  for (const name of ['ingest', 'train', 'evaluate'])
    expect(second.stdout).toMatch(new RegExp(`✓ ${name} .*reused`))
  for (const name of ['validate', 'register', 'promote'])
    expect(second.stdout).not.toMatch(new RegExp(`✓ ${name} .*reused`))
  await expectOneModel(folder.path)

  // A browser shows the source of a page whose name has no ending.
  const pages = globSync('.pressroom/runs/*/evaluate/outputs/page.html', { cwd: folder.path })
  expect(pages).toHaveLength(2)
  for (const run of globSync('.pressroom/runs/*/run.html', { cwd: folder.path })) {
    expect(await readFile(join(folder.path, run), 'utf8')).toContain('href="evaluate/outputs/page.html"')
  }
})

test('kill -9 in the middle of every stage leaves one version, one champion, one served model', async () => {
  await using folder = await tempFolder()
  for (const name of STAGES) {
    await using running = start(folder.path, [...UP, '--once', '--cache', 'false'])
    await stageRuns(folder.path, name, running)
    running.process.kill('SIGKILL')
    await running.ended
  }
  const last = await pressroom(folder.path, [...UP, '--once'])
  expect(last.stderr).toBe('')
  expect(last.stdout).toContain('local: news 1 takes 100 %')
  await expectOneModel(folder.path)
}, 120_000)

test('Ctrl-C midway stops everything, says so, and the next run works', async () => {
  await using folder = await tempFolder()
  await using running = start(folder.path, [...UP, '--once', '--cache', 'false'])
  await stageRuns(folder.path, 'train', running)
  running.process.kill('SIGINT')
  const ended = await running.ended
  expect(ended.status).toBe(130)
  expect(ended.stderr).toContain('stopped')
  expect(globSync('**/*.tmp*', { cwd: folder.path })).toEqual([])
  const next = await pressroom(folder.path, [...UP, '--once'])
  expect(next.status).toBe(0)
})

test('it stays up until Ctrl-C, answers meanwhile, deploys what another process promotes, and ends with 0', async () => {
  await using folder = await tempFolder()
  await using running = start(folder.path, UP)
  const url = await eventually(
    () => /^(http:\S+) +Ctrl-C stops$/m.exec(running.output())?.[1],
    running.output,
  )
  expect((await fetch(url)).headers.get('content-type')).toMatch(/text\/html/)
  expect(await versionServed(url)).toBe('1')

  const refused = await pressroom(folder.path, ['up', '--port', '0', '--once'])
  expect(refused.stderr).toMatch(/is using .*held by process \d+/s)
  expect(refused.status).toBe(1)

  const other = await pressroom(folder.path, ['run', 'news', '--set', `source=${NEWS}`, '--set', 'c=1'])
  expect(other.status).toBe(0)
  await eventually(async () => (await versionServed(url)) === '2')

  await promoteUnderLoad(folder.path, url, 20)

  running.process.kill('SIGINT')
  expect((await running.ended).status).toBe(0)
  await expect(fetch(url)).rejects.toThrow()
})

/** Moves the champion to and fro while clients ask without a pause; each move must arrive, and no request may fail. */
async function promoteUnderLoad(folder: string, url: string, promotions: number): Promise<void> {
  await using registry = await openRegistry(join(folder, '.pressroom', 'registry'))
  const versions = new Set<unknown>()
  let asked = 0
  let stop = false
  const clients = Array.from({ length: 4 }, async () => {
    while (!stop) {
      versions.add(await versionServed(url))
      asked += 1
    }
  })
  for (let i = 0; i < promotions; i++) {
    const version = String(1 + (i % 2))
    await registry.setAlias('news', 'champion', version)
    await eventually(async () => (await versionServed(url)) === version)
  }
  stop = true
  await Promise.all(clients)
  expect(asked).toBeGreaterThan(promotions)
  expect([...versions].sort()).toEqual(['1', '2'])
}

const NEWS = join(import.meta.dirname, '../../examples/newsroom/news.csv')

async function versionServed(url: string): Promise<unknown> {
  const body = JSON.stringify({ text: 'Rain stops play' })
  const response = await fetch(`${url}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  if (!response.ok) throw new Error(`/predict answered ${response.status}: ${await response.text()}`)
  return ((await response.json()) as { model_version: unknown }).model_version
}

/** Resolves once the newest run says that the stage has begun; the quickest may be over by then. */
async function stageRuns(folder: string, stage: string, running: Running): Promise<void> {
  const seen = new Set(globSync('.pressroom/runs/*', { cwd: folder }))
  await eventually(async () => {
    if (running.process.exitCode !== null)
      throw new Error(`it ended before ${stage}: ${JSON.stringify(await running.ended)}`)
    const run = globSync('.pressroom/runs/*', { cwd: folder }).find(path => !seen.has(path))
    const record = run && (await readFile(join(folder, run, 'run.json'), 'utf8').catch(() => undefined))
    const tasks: { stage?: string; state: string }[] = record ? JSON.parse(record).tasks : []
    return tasks.some(task => task.stage === stage && task.state !== 'pending')
  }, running.output)
}

async function expectOneModel(folder: string): Promise<void> {
  const listed = await pressroom(folder, ['models', '--json'])
  expect(JSON.parse(listed.stdout).models).toMatchObject([
    { name: 'news', latestVersion: '1', aliases: { champion: '1', challenger: '1' } },
  ])
  const versions = await pressroom(folder, ['models', 'news', '--json'])
  expect(JSON.parse(versions.stdout).versions).toHaveLength(1)
}
