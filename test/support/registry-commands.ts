import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openRegistry } from '../../core/registry/index.ts'
import { eventually } from './eventually.ts'
import { HEADLINES, sealHeadlines } from './models.ts'
import { pressroom, start } from './pressroom.ts'

const DEPRECATED = /stages are deprecated in MLflow/g

/** Commands against one registry, in a folder of their own. */
interface Desk {
  readonly folder: string
  readonly url: string
  readonly name: string
  /** What a command printed as JSON, and how often it said that stages are deprecated. */
  ok(...words: readonly string[]): Promise<{ readonly said: Said; readonly deprecations: number }>
  /** What a command that failed said. */
  fails(...words: readonly string[]): Promise<string>
}

// biome-ignore lint/suspicious/noExplicitAny: what is read of it is what is checked
type Said = any

/**
 * Every command that takes a registered model, against an MLflow server, each step on what those before it left: each throws
 * when it does not hold.
 */
export const REGISTRY_COMMANDS: Readonly<Record<string, (desk: Desk) => Promise<void>>> = {
  'register puts a version with its evaluation into Staging': async desk => {
    for (const [model, c] of [
      ['one', 1],
      ['two', 3],
    ] as const) {
      await sealHeadlines(join(desk.folder, model), HEADLINES, c)
    }
    const rows = HEADLINES.map(row => `${JSON.stringify(row)}\n`).join('')
    await writeFile(join(desk.folder, 'rows.jsonl'), rows)
    await desk.ok('evaluate', '--model', 'one', '--test', 'rows.jsonl', '--out', 'judged')
    const drawn = ['--metrics', 'judged/metrics', '--page', 'judged/page.html', '--figures', 'judged/figures']
    const made = await desk.ok('register', '--model', 'one', ...drawn, '--stage', 'Staging')
    assert.deepEqual([made.said.parameters, made.deprecations], [{ version: '1', reused: false }, 1])
  },
  'promote moves what is in Staging to Production, and no alias': async desk => {
    const moved = await desk.ok('promote', '--name', `models:/${desk.name}/Staging`, '--stage', 'Production')
    assert.deepEqual(
      [moved.said.summary, moved.said.parameters.previous, moved.deprecations],
      [`${desk.name} 1 in Production`, '', 1],
    )
    const { said } = await desk.ok('models', desk.name)
    assert.deepEqual(
      said.versions.map(({ version, stage, aliases }: Said) => [version, stage, aliases]),
      [['1', 'Production', ['challenger']]],
    )
  },
  'predict, validate and models take a version by each of its names': async desk => {
    const uri = (end: string) => ['--name', `models:/${desk.name}${end}`]
    const ways: readonly (readonly [number, readonly string[]])[] = [
      [1, uri('/Production')],
      [0, uri('@challenger')],
      [0, uri('/latest')],
      [1, ['--stage', 'Production']],
    ]
    const asked = ways.map(async ([deprecations, words], i) => {
      const told = await desk.ok('predict', '--source', 'rows.jsonl', '--out', `scored-${i}`, ...words)
      assert.match(told.said.summary, new RegExp(`^12 rows by ${desk.name} 1: `), words.join(' '))
      assert.equal(told.deprecations, deprecations, words.join(' '))
    })
    await Promise.all(asked)
    const evaluated = ['--metrics', 'judged/metrics', '--predictions', 'judged/predictions']
    const judged = await desk.ok('validate', ...evaluated, ...uri('/Production'))
    assert.match(judged.said.summary, /; champion 1 1: within noise \(p 1\)$/)
    assert.equal(judged.deprecations, 1)
    for (const words of [[`models:/${desk.name}/Production`], [desk.name, '--stage', 'Production']]) {
      const { said, deprecations } = await desk.ok('models', ...words)
      assert.deepEqual([said.versions.length, said.versions[0].version, deprecations], [1, '1', 1])
    }
    const { said: all } = await desk.ok('models')
    const listed = all.models.find((model: Said) => model.name === desk.name)
    assert.deepEqual(listed.aliases, { challenger: '1' })
  },
  'another version takes Production and the alias; the one before is archived': async desk => {
    await desk.ok('register', '--model', 'two')
    const both = ['--version', '2', '--stage', 'Production', '--alias', 'champion']
    const { said } = await desk.ok('promote', '--name', desk.name, ...both)
    assert.equal(said.summary, `${desk.name} 2 @champion, in Production`)
    const plain = await pressroom(desk.folder, ['models', desk.name, '--registry', desk.url])
    assert.match(plain.stdout, / stage .*\n +2 +challenger, champion +Production .*\n +1 +Archived /)
    const { said: back } = await desk.ok('promote', '--name', `models:/${desk.name}/Archived`)
    assert.deepEqual([back.summary, back.parameters.previous], [`${desk.name} 1 @champion`, '2'])
  },
  'tag sets tags, removes and shows them': async desk => {
    const uri = `models:/${desk.name}/Archived`
    const set = await desk.ok('tag', uri, 'approved_by=Ada, Bob', 'note=a=b')
    assert.deepEqual(
      [set.said.version, set.said.tags.approved_by, set.said.tags.note],
      ['1', 'Ada, Bob', 'a=b'],
    )
    await desk.ok('tag', desk.name, '--version', '1', '--remove', 'note,never')
    const plain = await pressroom(desk.folder, ['tag', `models:/${desk.name}/1`, '--registry', desk.url])
    assert.match(plain.stdout, /^tag +value\napproved_by +Ada, Bob\n/)
    assert.doesNotMatch(plain.stdout, /note/)
  },
  'serve answers by the version in Production': async desk => {
    const words = [
      'serve',
      `models:/${desk.name}/Production`,
      '--registry',
      desk.url,
      '--port',
      '0',
      '--json',
    ]
    await using service = start(desk.folder, words, cacheOf(desk.folder))
    await eventually(() => service.output().includes('\n'), service.output)
    const { url } = JSON.parse(service.output())
    const answer = await fetch(`${url}/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'Bank raises rates' }),
    })
    const { prediction, model_version } = (await answer.json()) as Said
    assert.deepEqual([prediction, model_version], ['Business', '2'])
  },
  'what does not exist, or is said twice, is told in one line': async desk => {
    const source = ['--source', 'rows.jsonl', '--out', 'never']
    const asked: readonly (readonly [RegExp, readonly string[]])[] = [
      [/no version of \S+ is in Staging/, ['predict', ...source, '--name', `models:/${desk.name}/Staging`]],
      [/nothing says which version/, ['promote']],
      [/has no version "9"/, ['promote', '--version', '9', '--stage', 'Production']],
      [/has no version 9/, ['models', `models:/${desk.name}/9`]],
      [/there is no \S+ 9 in/, ['tag', `models:/${desk.name}/9`, 'a=b']],
      [/"approved" is no tag with a value/, ['tag', desk.name, '--version', '1', '--set', 'approved']],
    ]
    await Promise.all(
      asked.map(async ([message, words]) =>
        assert.match(await desk.fails(...words), message, words.join(' ')),
      ),
    )
    await using registry = await openRegistry(desk.url)
    assert.deepEqual((await registry.getModel(desk.name))?.aliases, { champion: '1', challenger: '2' })
  },
}

/**
 * @param folder empty
 * @param url of the server
 * @param name of a model that nobody else uses
 */
export function openDesk(folder: string, url: string, name: string): Desk {
  const run = (words: readonly string[]) => {
    const named = words.includes('--name') || ['models', 'evaluate', 'tag'].includes(words[0]!)
    const registry = words[0] === 'evaluate' ? [] : ['--registry', url]
    const all = [...words, ...(named ? [] : ['--name', name]), ...registry, '--json']
    return pressroom(folder, all, cacheOf(folder))
  }
  return {
    folder,
    url,
    name,
    async ok(...words) {
      const { status, stdout, stderr } = await run(words)
      assert.equal(status, 0, `${words.join(' ')}\n${stdout}${stderr}`)
      return { said: JSON.parse(stdout), deprecations: stderr.match(DEPRECATED)?.length ?? 0 }
    },
    async fails(...words) {
      const { status, stdout, stderr } = await run(words)
      assert.notEqual(status, 0, `${words.join(' ')}\n${stdout}`)
      return JSON.parse(stdout || stderr).error.what
    },
  }
}

function cacheOf(folder: string): NodeJS.ProcessEnv {
  return { PRESSROOM_CACHE: join(folder, 'cache') }
}
