import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { expect, test } from '@jest/globals'
import { parseReference } from '../../core/registry/references.ts'
import { listening } from '../support/listening.ts'
import { mlflowServer } from '../support/mlflow-server.ts'
import { start } from '../support/pressroom.ts'
import { openDesk, REGISTRY_COMMANDS } from '../support/registry-commands.ts'
import { tempFolder } from '../support/temp.ts'

test('every command that takes a registered model works against an MLflow server', async () => {
  await using temp = await tempFolder()
  await using server = await mlflowServer()
  const desk = openDesk(temp.path, server.url, 'desk')
  for (const [step, holds] of Object.entries(REGISTRY_COMMANDS)) {
    await holds(desk).catch(error => {
      throw new Error(`${step}: ${error.message}`, { cause: error })
    })
  }
}, 120_000)

test.each([
  ['models', []],
  ['promote', ['--name', 'news', '--version', '1']],
])('%s says that it waits for a server, and Ctrl-C ends it', async (command, words) => {
  await using temp = await tempFolder()
  await using server = await listening(createServer(() => {}))
  const env = { MLFLOW_TRACKING_URI: server.url, MLFLOW_TRACKING_TOKEN: 's3cret' }
  await using running = start(temp.path, [command, ...words], env)
  running.process.stderr!.once('data', () => running.process.kill('SIGINT'))
  const { status, stdout, stderr } = await running.ended
  expect([status, stdout]).toEqual([130, ''])
  const said = `still waiting for ${server.url}: no answer yet \\(try 1 of 6\\); the address is .*MLFLOW_TRACKING_URI`
  expect(stderr).toMatch(new RegExp(`^warning: ${said}.*\\n${command}: stopped\\n$`))
})

test('a registry that a command made, because there was none, is told of, and the next time it is there', async () => {
  await using temp = await tempFolder()
  const models = () => start(temp.path, ['models', '--registry', 'mistyped']).ended
  const [first, second] = [await models(), await models()]
  const said = /^warning: there was no registry in .*mistyped: a new, empty one was made\n$/
  expect(first).toMatchObject({ status: 0, stderr: expect.stringMatching(said) })
  expect(second).toMatchObject({ status: 0, stderr: '', stdout: first.stdout })
})

test('the deployer says in its log that it waits for a server', async () => {
  await using temp = await tempFolder()
  await using server = await listening(createServer(() => {}))
  const env = { MLFLOW_TRACKING_URI: server.url, MLFLOW_WEBHOOK_SECRET: 'hush' }
  await using running = start(temp.path, ['deployer', '--port', '0'], env)
  const waits = Promise.withResolvers<Record<string, unknown>>()
  createInterface({ input: running.process.stderr! }).on('line', line => {
    if (line.includes('still waiting')) waits.resolve(JSON.parse(line))
  })
  expect(await waits.promise).toMatchObject({
    severity: 'WARNING',
    message: expect.stringContaining(`still waiting for ${server.url}: no answer yet (try 1 of 6)`),
  })
})

test.each([
  [{ name: 'news' }, undefined],
  [
    { name: 'news', alias: 'champion' },
    { by: 'alias', value: 'champion' },
  ],
  [
    { name: 'news', alias: 'champion', version: '3' },
    { by: 'version', value: '3' },
  ],
  [
    { name: 'news', alias: 'champion', stage: 'Staging' as const },
    { by: 'stage', value: 'Staging' },
  ],
  [
    { name: 'models:/news@live', alias: 'champion' },
    { by: 'alias', value: 'live' },
  ],
  [{ name: 'models://news/3' }, { by: 'version', value: '3' }],
  [{ name: 'models:/news/PRODUCTION' }, { by: 'stage', value: 'Production' }],
  [{ name: 'models:/news/Latest' }, { by: 'latest' }],
])('%j names %j of news', (given, which) => {
  expect(parseReference(given)).toEqual({ name: 'news', which })
})

test.each([
  [{ name: 'models:/news/Production', version: '3' }, /two things say/],
  [{ name: 'models:/news@champion', stage: 'Staging' as const }, /two things say/],
  [{ name: 'news', version: '3', stage: 'Staging' as const }, /two things say/],
  ...['', '/news', 'news', '/news/Live', '/news@', '/news/3/4', '/news@a@b', '/@champion', '/../x/3'].map(
    rest => [{ name: `models:${rest}` }, /names no version of a model/] as const,
  ),
])('%j is refused', (given, message) => {
  expect(() => parseReference(given)).toThrow(message)
})
