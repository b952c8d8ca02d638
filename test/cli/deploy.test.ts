import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { openRegistry } from '../../core/registry/index.ts'
import { digestFolder } from '../../core/storage/digest.ts'
import { eventually } from '../support/eventually.ts'
import { listening } from '../support/listening.ts'
import { sealHeadlines } from '../support/models.ts'
import { pressroom, start } from '../support/pressroom.ts'
import { tempFolder } from '../support/temp.ts'

/** A folder with a registry whose champion of `news` is version 1. */
async function workplace() {
  const folder = await tempFolder()
  await using registry = await openRegistry(join(folder.path, 'registry'))
  const files = join(folder.path, 'files')
  await sealHeadlines(files)
  await registry.registerVersion({ name: 'news', folder: files, digest: await digestFolder(files) })
  await registry.setAlias('news', 'champion', '1')
  return folder
}

test('a dry run says what would be done, and why a version is held', async () => {
  await using folder = await workplace()
  const file = join(folder.path, 'deployment.yaml')
  await writeFile(file, 'defaults: { gates: { approval: approved_by } }\n')
  const plain = await pressroom(folder.path, ['deploy', '--registry', 'registry', '--dry-run', '--port', '0'])
  expect(plain.stdout.split('\n')).toEqual([
    'news   nothing serves, 1 is to serve',
    '  news 1 is to be loaded',
    '  news 1 is to be asked its golden examples',
    '  news 1 is to be noted as good',
    '  news 1 is to be given 100 %',
    '',
  ])
  const words = ['deploy', file, '--registry', 'registry', '--dry-run', '--port', '0', '--json']
  const held = await pressroom(folder.path, words)
  expect(JSON.parse(held.stdout)).toMatchObject({
    target: 'local',
    models: [
      {
        model: 'news',
        steps: [],
        held: [{ alias: 'champion', version: '1', reason: expect.stringContaining('approved_by') }],
      },
    ],
  })
})

test('a dry run on this machine is for what serves at the port, and says what it cannot see', async () => {
  await using folder = await workplace()
  const answers = [
    { model_name: 'news', traffic: { 1: 100 } },
    { model_name: 'news', traffic: 'all' },
  ]
  await using server = await listening(
    createServer((_, response) => void response.end(JSON.stringify(answers.shift()))),
  )
  const dryRun = (port: number) =>
    pressroom(folder.path, ['deploy', '--registry', 'registry', '--dry-run', '--port', `${port}`])
  const seen = await dryRun(server.port)
  expect(seen.stdout).toMatch(/^news {3}1 \(100 %\) serves, 1 is to serve\n {2}nothing to do\n$/)
  expect(seen.stderr).toContain(`the plan is for what serves at ${server.url}, as it is seen from outside`)
  const other = await dryRun(server.port)
  expect(other.stdout).toMatch(/^news {3}nothing serves, 1 is to serve\n/)
  expect(other.stderr).toMatch(
    /could not be observed.*: what answers at .* is no service of Pressroom\n.*traffic must be/,
  )
})

test('a dry run names the models of the file that are not to be deployed', async () => {
  await using folder = await workplace()
  await writeFile(join(folder.path, 'slips.yaml'), 'models: { news: { serve: champoin }, nws: {} }\n')
  const words = ['deploy', 'slips.yaml', '--registry', 'registry', '--dry-run', '--port', '0']
  const { status, stdout, stderr } = await pressroom(folder.path, words)
  expect(status).toBe(0)
  expect(stdout).toMatch(/^no model of .* is to be deployed\n$/)
  expect(stderr).toContain('news is left as it is: it has no alias champoin; did you mean "champion"?')
  expect(stderr).toMatch(/nws is left as it is: .*registry has no such model; did you mean "news"\?/)
})

test('a wrong file is refused with all its faults, and nothing is started', async () => {
  await using folder = await workplace()
  await writeFile(join(folder.path, 'wrong.yaml'), 'target: { kind: moon }\nmodle: 1\n')
  const { status, stderr } = await pressroom(folder.path, ['deploy', 'wrong.yaml', '--registry', 'registry'])
  expect(status).toBe(1)
  expect(stderr).toMatch(
    /^deploy: wrong.yaml has 2 wrong settings\n.*did you mean "models"\?\n.*target.kind must be one of/s,
  )
  const absent = await pressroom(folder.path, ['deploy', 'absent.yaml', '--registry', 'registry', '--json'])
  expect(JSON.parse(absent.stderr || absent.stdout)).toMatchObject({ error: { code: 'file-not-found' } })
})

test('serves here until it is stopped, and leaves nothing behind', async () => {
  await using folder = await workplace()
  await using deploying = start(folder.path, ['deploy', '--registry', 'registry', '--port', '0'])
  await eventually(() => deploying.output().includes('news 1 takes 100 %'))
  const url = /^local: models answer at (http:\S+)$/m.exec(deploying.output())?.[1]
  expect((await fetch(`${url}/health`)).status).toBe(200)
  deploying.process.kill('SIGINT')
  expect((await deploying.ended).status).toBe(0)
})

test('ends when its port is taken', async () => {
  await using folder = await workplace()
  await using other = await listening(createServer())
  const words = ['deploy', '--registry', 'registry', '--port', new URL(other.url).port]
  const { status, stdout, stderr } = await pressroom(folder.path, words)
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/^deploy: port \d+ of 127\.0\.0\.1 is in use\n/)
})

test("the deployer's file is its argument, else PRESSROOM_DEPLOYMENT", async () => {
  await using folder = await tempFolder()
  const env = { PRESSROOM_DEPLOYMENT: 'of-environment.yaml', MLFLOW_WEBHOOK_SECRET: 'hush' }
  for (const [words, file] of [
    [['of-argument.yaml'], 'of-argument.yaml'],
    [[], 'of-environment.yaml'],
  ] as const) {
    const { status, stderr } = await pressroom(folder.path, ['deployer', ...words, '--port', '0'], env)
    expect([status, stderr]).toEqual([1, expect.stringContaining(`deployer: no such file: ${file}`)])
  }
})
