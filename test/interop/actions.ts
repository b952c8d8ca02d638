/** The committed bundles as GitHub runs them: under act, from a copy of the checkout without node_modules. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { loadModel } from '../../core/model/index.ts'
import { VERSION } from '../../core/version.ts'
import { fittedInfo } from '../support/models.ts'
import { tempFolder } from '../support/temp.ts'
import { type ActRun, runAct } from './actions/act.ts'
import { checkers } from './actions/checkers.ts'
import { copyCheckout } from './actions/checkout.ts'
import { documentedWorkflows, withVersions } from './actions/documented.ts'
import { goCommand } from './go.ts'
import type { Checks } from './suite.ts'

const ACT = 'github.com/nektos/act@v0.2.89'
const MODULES = resolve(import.meta.dirname, '../../node_modules')
const TOKEN = 'tell-no-one-5f3759df'

/** Stands for actions/cache, which cannot be had offline: every restore is a miss. */
const CACHE = `name: cache
inputs: { path: { required: true }, key: { required: true }, restore-keys: {} }
runs: { using: composite, steps: [{ run: echo no cache, shell: bash }] }
`

export async function available(): Promise<string | undefined> {
  const act = await goCommand(ACT)
  return 'reason' in act ? act.reason : undefined
}

export async function checks(t: Checks): Promise<void> {
  await using folder = await tempFolder()
  const at = (...path: string[]) => join(folder.path, ...path)
  for (const name of ['repository', 'home', 'cache', 'documented', 'keep']) await mkdir(at(name))
  await copyCheckout(at('repository'))
  await writeFile(at('cache/action.yml'), CACHE)
  const documented = await documentedWorkflows()
  for (const [i, workflow] of documented.entries())
    await writeFile(at('documented', `${i}.yml`), withVersions(workflow))

  // available() has seen to it that there is one.
  const { command } = (await goCommand(ACT)) as { command: string }
  const act = (workflows: string) =>
    runAct(
      {
        act: command,
        repository: at('repository'),
        home: at('home'),
        repositories: {
          [`octo/pressroom@v${VERSION}`]: at('repository'),
          'actions/cache@v4': at('cache'),
        },
        env: { KEEP: at('keep'), TOKEN, MODULES },
      },
      workflows,
    )

  await t.check('the workflows of docs/actions.md', async () => documentedRun(await act(at('documented'))))
  const run = await act('test/interop/actions/checks.yml')
  await t.check('the exit status and the jobs', async () => jobs(run))
  await t.check('the root action: outputs, summary, warning', async () => rootAction(run))
  await t.check('its model folder loads, and says that its export is unchecked', () =>
    unchecked(at('keep/model')),
  )
  await t.check('a second run takes unchanged steps from the cache', async () => again(run))
  await t.check('a model that does not pass is no failure', async () => strict(run))
  await t.check('wrong inputs: one annotation that names each', async () => faults(run))
  await t.check("a team's own stage, from its own repository", async () => ownStage(run))
  await t.check('a secret never shows', async () => secret(run))
  await t.check('cancelling stops the run and leaves nothing half-written', () =>
    cancelled(at('repository'), at('cancelled')),
  )
  await checkers(t, at('repository'), documented)
}

function documentedRun(run: ActRun): void {
  assert.equal(run.status, 0, run.log.slice(-2000))
  assert.deepEqual(run.results, { train: 'success' })
  // Both workflows have come to their end, on the same rows with the same settings.
  assert.match(run.log, /0\.8\d+; passes: \.8\d* against \.7/)
  assert.equal(run.outputs('version').version, '1')
  assert.equal(run.outputs('version').reused, 'false')
  assert.equal(run.outputs('report').accuracy, run.outputs('news').accuracy)
  assert.equal(run.outputs('verdict').passed, 'true')
}

function jobs(run: ActRun): void {
  assert.equal(run.status, 1)
  const success = 'success'
  const expected = {
    pipeline: success,
    stages: success,
    own: success,
    faults: success,
    failing: 'failure',
    secret: success,
  }
  assert.deepEqual(run.results, expected)
  assert.deepEqual(run.annotations('failing', 'error').length, 1)
}

function rootAction(run: ActRun): void {
  const {
    accuracy,
    'macro-f1': macroF1,
    verdict,
    version,
    model,
    run: folder,
    ...rest
  } = run.outputs('first')
  assert.deepEqual(rest, {})
  assert.ok(Number(accuracy) > 0.7 && Number(accuracy) < 1)
  assert.ok(Number(macroF1) > 0.7 && Number(macroF1) < 1)
  assert.match(verdict!, /^passes: /)
  assert.equal(version, '1')
  assert.ok(model!.startsWith(folder!))
  assert.match(
    run.summary('first'),
    /^# Pressroom\n\n\| task \|.*\n(.*\n)*\| promote \| succeeded \| news 1 @champion/,
  )
  assert.match(run.summary('first'), /^## Confusion$/m)
  assert.deepEqual(run.annotations('first', 'error'), [])
  assert.equal(run.annotations('first', 'warning').length, 1)
}

async function unchecked(folder: string): Promise<void> {
  await using model = await loadModel(folder)
  assert.deepEqual(fittedInfo(model).export, { unchecked: 'onnxruntime-node is not installed' })
  const [prediction] = await model.predict(['Central bank holds rates as inflation cools'])
  assert.equal(prediction?.label, 'Business')
}

function again(run: ActRun): void {
  const lines = run.lines('again')
  for (const stage of ['ingest', 'train', 'evaluate'])
    assert.ok(
      lines.some(line => line.startsWith(`${stage}: cached`)),
      lines.join('\n'),
    )
  assert.equal(run.outputs('again').version, '1')
}

function strict(run: ActRun): void {
  const { version, verdict } = run.outputs('strict')
  assert.equal(version, '')
  assert.match(verdict!, /^fails: accuracy \.8\d* is below \.99$/)
  assert.match(run.summary('strict'), /\| register \| skipped \|/)
}

function faults(run: ActRun): void {
  assert.deepEqual(run.annotations('wrong', 'error'), [
    [
      '3 inputs are wrong',
      '"validation" is missing: Validation rows; sealing the model asks it, and its ONNX export, for each.',
      '"sublinear-tf" must be true or false, not "yes"',
      '"c" must be a number, not "0,5"',
      'correct them under with:',
    ].join('\n  '),
  ])
  const [absent, ...more] = run.annotations('absent', 'error')
  assert.deepEqual(more, [])
  assert.match(absent!, /^no such file: examples\/newsroom\/new\.csv\n/)
  // Nothing of a stack, in any step.
  assert.doesNotMatch(run.log, /^\s*at .*\.js:\d+/m)
}

function ownStage(run: ActRun): void {
  assert.equal(run.outputs('own').dropped, '3')
  assert.deepEqual(run.annotations('misused', 'error'), [
    '"similarity" must be at most 1, not 3\n  correct it under with:',
  ])
}

function secret(run: ActRun): void {
  assert.equal(run.outputs('told').length, String(TOKEN.length))
  assert.ok(run.lines('told').includes('the token is ***'))
  assert.ok(!run.log.includes(TOKEN))
}

/** GitHub stops a step by SIGINT; act has no way to, so this starts the script as the runner does. */
async function cancelled(repository: string, home: string): Promise<void> {
  const child = spawn(process.execPath, [join(repository, 'dist/index.js')], {
    env: { INPUT_SOURCE: join(repository, 'examples/newsroom/news.csv'), INPUT_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  createInterface(child.stdout).on('line', line => {
    lines.push(line)
    if (line.startsWith('ingest: succeeded')) child.kill('SIGINT')
  })
  const [status] = await once(child, 'close')
  assert.equal(status, 1)
  assert.ok(lines.includes('::error::stopped'), lines.join('\n'))
  const [id] = await readdir(join(home, 'runs'))
  const record = JSON.parse(await readFile(join(home, 'runs', id!, 'run.json'), 'utf8'))
  assert.equal(record.state, 'cancelled')
  await assert.rejects(readdir(join(home, 'runs', id!, 'train/outputs')), { code: 'ENOENT' })
}
