import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { pressroom } from '../support/pressroom.ts'
import { tempFolder } from '../support/temp.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const EXAMPLE = join(ROOT, 'examples/own-stage')
const NAME = 'drop-near-duplicates'

let folder: AsyncDisposable & { readonly path: string }

/** A repository of a team: the example's, with the package where `npm ci` would have put it. */
beforeAll(async () => {
  folder = await tempFolder()
  await cp(EXAMPLE, at(), { recursive: true })
  await mkdir(at('node_modules'))
  await symlink(ROOT, at('node_modules/pressroom-ml'))
  await writeFile(at('package.json'), '{"type": "module"}')
  await writeFile(
    at('rows.jsonl'),
    ['Rates rise again', 'rates RISE, again!', 'A late goal wins it']
      .map(text => `${JSON.stringify({ text, label: 'a' })}\n`)
      .join(''),
  )
})
afterAll(async () => folder[Symbol.asyncDispose]())

const at = (path = '') => join(folder.path, 'team', path)
const team = (...args: string[]) => pressroom(at(), args)

describe('pressroom generate', () => {
  test('makes of the example what is committed with it', async () => {
    const { status, stdout } = await pressroom(EXAMPLE, ['generate', '--check'])
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'generated files are up to date\n' })
  })

  test('--check shows what differs, and writing brings it back', async () => {
    const action = at(`actions/${NAME}/action.yml`)
    const before = await readFile(action, 'utf8')
    await writeFile(action, before.replace("default: '0.8'", "default: '0.7'"))
    await cp(at(`actions/${NAME}`), at('actions/long-gone'), { recursive: true })
    await rm(at('Containerfile'))
    const { status, stdout, stderr } = await team('generate', '--check')
    expect(status).toBe(1)
    expect(stdout).toMatch(/^-\s+default: '0.7'\n\+\s+default: '0.8'$/m)
    expect(stdout).toMatch(/^Containerfile is missing$/m)
    expect(stdout).toMatch(/^actions\/long-gone\/main.js is left over$/m)
    expect(stderr).toMatch(/^generate: 4 of 5 files are stale\n/)
    expect((await team('generate')).status).toBe(0)
    expect(await readFile(action, 'utf8')).toBe(before)
    expect((await team('generate', '--check')).status).toBe(0)
  })

  test('overwrites nothing that it did not write', async () => {
    await writeFile(at('Containerfile'), 'FROM scratch\n')
    const { status, stderr } = await team('generate')
    expect(status).toBe(1)
    expect(stderr).toMatch(/files are in the way that pressroom generate did not write\n {2}Containerfile\n/)
    expect(await readFile(at('Containerfile'), 'utf8')).toBe('FROM scratch\n')
    await rm(at('Containerfile'))
    expect((await team('generate', '--containerfile', 'false')).status).toBe(0)
    expect(await readdir(at())).not.toContain('Containerfile')
    expect((await team('generate')).status).toBe(0)
  })

  test('names the faults of all stages at once, and writes nothing', async () => {
    const define = (name: string, help: string, rest = '') => `
      import { defineStage, text } from 'pressroom-ml/components'
      export const stage = defineStage({ name: '${name}', description: 'x', inputs: { word: text('${help}') },
        outputs: {}, ${rest} run: async () => ({ default: async () => ({ parameters: {}, summary: '' }) }) })`
    const modules = {
      helpless: define('Help Less', ''),
      taken: define('train', 'A word.'),
      twin: define('twin', 'A word.'),
      'twin-2': define('twin', 'A word.'),
      throws: 'throw new Error("no luck")',
      empty: 'export const stage = 1',
    }
    for (const [name, text] of Object.entries(modules)) {
      await mkdir(at(`wrong/${name}`), { recursive: true })
      await writeFile(at(`wrong/${name}/stage.ts`), text)
    }
    const { status, stderr } = await team('generate', 'wrong', '--out', 'made')
    expect(status).toBe(1)
    expect(stderr.trim().split('\n  ').toSorted()).toEqual([
      'generate: 5 faults in stages of your own',
      'wrong/empty/stage.ts: it exports no stage',
      'wrong/helpless/stage.ts: stage "Help Less" cannot be defined: name "Help Less" is not kebab-case; input "word" has no help',
      'wrong/taken/stage.ts: "train" is a command of Pressroom; give it another name',
      'wrong/throws/stage.ts: cannot load it: no luck',
      'wrong/twin/stage.ts: "twin" is also in wrong/twin-2/stage.ts; give it another name',
    ])
    expect(await readdir(at())).not.toContain('made')
  })

  test('a folder without stages, and a stage without an image', async () => {
    const none = await team('generate', 'docs')
    expect(none.stderr).toMatch(/^generate: there are no stages in docs\n/)
    const { status, stdout, stderr } = await team('generate', 'wrong/twin', '--out', 'lone', '--json')
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: '',
    })
    expect(JSON.parse(stdout).error.code).toBe('file-not-found')
    const lone = await team('generate', 'wrong/twin/stage.ts', '--out', 'lone')
    expect(lone.stderr).toMatch(
      /twin names no image: Kubeflow could not start it, so it gets no component.yaml/,
    )
    expect((await readdir(at('lone'))).toSorted()).toEqual(['actions', 'docs'])
  })
})

describe('a registered stage', () => {
  test('is a command with help and settings of its own', async () => {
    expect((await team('--help')).stdout).toMatch(new RegExp(`^ {2}${NAME} `, 'm'))
    await writeFile(at('tight.yaml'), `stages: [stages]\n${NAME}: { similarity: 1 }\n`)
    const tight = await team(NAME, '--rows', 'rows.jsonl', '--config', 'tight.yaml', '--out', 'out', '--json')
    expect(JSON.parse(tight.stdout)).toMatchObject({ parameters: { dropped: 1 } })
    expect(await readFile(at('out/kept'), 'utf8')).toMatch(/Rates rise again.*\n.*late goal.*\n$/)
    await writeFile(at('wrong.yaml'), `stages: [stages]\n${NAME}: { similarity: 7, simil: 1 }\nstage: []\n`)
    const wrong = await team('models', '--config', 'wrong.yaml')
    expect(wrong.stderr).toMatch(`${NAME}.similarity must be at most 1, not 7`)
    expect(wrong.stderr).toMatch('"stage" is not a setting; did you mean "stages"?')
    expect(wrong.stderr).toMatch(`"${NAME}.simil" is not a setting`)
  })

  test('is what a container calls, and says what is wrong with its rows', async () => {
    await writeFile(at('bad.jsonl'), '{"label": "a"}\n')
    const rows = { artifacts: [{ uri: at('bad.jsonl') }] }
    const input = JSON.stringify({
      inputs: { artifacts: { rows } },
      outputs: { artifacts: { kept: { artifacts: [{ uri: at('k') }] } }, outputFile: at('o.json') },
    })
    const env = { PRESSROOM_STAGES: at('stages') }
    const { status, stderr } = await pressroom(ROOT, [NAME, '--executor_input', input], env)
    expect({ status, stderr }).toEqual({ status: 1, stderr: `${NAME}: row 1 has no text\n` })
  })

  test('runs on this machine in a compiled pipeline; unregistered, its image would have to', async () => {
    const home = at('home')
    const args = [
      'run',
      'pipeline.yaml',
      '--set',
      `source=${ROOT}/examples/newsroom/news.csv`,
      '--home',
      home,
    ]
    const { status, stdout } = await team(...args, '--json')
    expect(status).toBe(0)
    const { outputs } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
    expect(outputs.parameters.dropped).toBe(3)
    await rm(at('pressroom.yaml'))
    const unregistered = await pressroom(at(), args, { PATH: '/nowhere' })
    expect(unregistered.status).toBe(1)
    expect(unregistered.stderr).toMatch(
      `${NAME}: it starts pressroom ${NAME} --executor_input {{$}} in registry.example.com`,
    )
  })
})
