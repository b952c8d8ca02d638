import { execFile } from 'node:child_process'
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import { load } from 'js-yaml'
import { flagOf } from '../cli/command.ts'
import { COMMANDS } from '../cli/commands/index.ts'
import { STAGES } from '../components/stages.ts'
import { ERROR_CODES } from '../core/errors.ts'
import { VERSION } from '../core/version.ts'
import { compareGenerated, writeGenerated } from '../tools/generated.ts'
import { GENERATORS } from '../tools/generators/index.ts'
import { findViolations, MAY_IMPORT, violationsIn } from '../tools/imports.ts'
import * as fc from './support/properties.ts'
import { tempFolder } from './support/temp.ts'

const exec = promisify(execFile)
const root = resolve(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const manifest = JSON.parse(read('package.json'))

test('the release is that of package.json', () => expect(VERSION).toBe(manifest.version))

describe('imports between rooms', () => {
  test('run downward in the whole tree', () => {
    for (const room of Object.keys(MAY_IMPORT))
      expect(globSync(`${room}/**/*.ts`, { cwd: root })).not.toEqual([])
    expect(findViolations(root)).toEqual([])
  })

  test.each<[file: string, source: string, ...found: string[]]>([
    [
      'core/a.ts',
      "import { x } from './b.ts'\nimport { readFile } from 'node:fs'\nimport fc from 'fast-check'",
    ],
    ['core/a/b.ts', "import '../../core/c.ts'"],
    ['core/a/b.ts', "import type { X } from '../../components/index.ts'", 'components/index.ts'],
    ['components/a/run.ts', "import {\n  x,\n  y,\n} from '../../pipelines/index.ts'", 'pipelines/index.ts'],
    ['components/a/stage.ts', "run: () => import('./run.ts')"],
    ['serving/a.ts', "const x = await import('../webhook/index.ts')", 'webhook/index.ts'],
    ['webhook/a.ts', "export * from '../components/index.ts'", 'components/index.ts'],
    ['webhook/a.ts', 'import "../serving/index.ts"', 'serving/index.ts'],
    ['core/a.ts', "import { ingest } from 'pressroom-ml/components'", 'components'],
    ['pipelines/a.ts', "import { ingest } from 'pressroom-ml/components'"],
    ['core/a.ts', "import manifest from '../package.json' with { type: 'json' }", 'package.json'],
    [
      'serving/a.ts',
      "import a from '../cli/main.ts'\nimport b from '../tools/x.ts'",
      'cli/main.ts',
      'tools/x.ts',
    ],
  ])('%s: %s', (file, source, ...found) => {
    expect(violationsIn(file, source)).toEqual(found.map(imports => ({ file, imports })))
  })
})

describe('error codes', () => {
  test('are those of docs/errors.md, each once and in the same order', () => {
    const rows = [...read('docs/errors.md').matchAll(/^\| `([a-z-]+)` \| (.+) \| (.+) \|$/gm)]
    expect(rows.map(([, code]) => code)).toEqual([...ERROR_CODES])
  })

  test('are all thrown somewhere', () => {
    const files = globSync('{core,components,pipelines,serving,webhook,cli,actions}/**/*.ts', { cwd: root })
    const thrown = files.flatMap(file => [...read(file).matchAll(/PressroomError\(\s*'([a-z-]+)'/g)])
    expect([...new Set(thrown.map(([, code]) => code))].sort()).toEqual([...ERROR_CODES].sort())
  })
})

describe('properties', () => {
  test('draw from fast-check where the seed is set', () => {
    const files = globSync('test/**/*.test.ts', { cwd: root })
    expect(files.filter(file => /^(?:import|\}).* from 'fast-check'/m.test(read(file)))).toEqual([])
    expect(files.filter(file => read(file).includes('/support/properties.ts')).length).toBeGreaterThan(20)
  })

  test('see the same cases on every run, or as many and from where the environment says', () => {
    const drawn = (environment: Record<string, string>) => {
      const before = { ...process.env }
      try {
        Object.assign(process.env, { PRESSROOM_TEST_SEED: '7', PRESSROOM_TEST_RUNS: '1', ...environment })
        const seen: number[] = []
        fc.assert(
          fc.property(fc.nat(), value => void seen.push(value)),
          { numRuns: 40 },
        )
        return seen
      } finally {
        process.env = before
      }
    }
    const first = drawn({})
    expect(first).toHaveLength(40)
    expect(drawn({})).toEqual(first)
    expect(drawn({ PRESSROOM_TEST_SEED: '8' })).not.toEqual(first)
    expect(drawn({ PRESSROOM_TEST_SEED: 'random' })).not.toEqual(first)
    expect(drawn({ PRESSROOM_TEST_RUNS: '3' }).slice(0, 40)).toEqual(first)
    expect(drawn({ PRESSROOM_TEST_RUNS: '3' })).toHaveLength(120)
    expect(fc.asAsked(undefined, {})).toEqual({ seed: fc.SEED, numRuns: 100 })
    for (const [name, value] of [
      ['SEED', 'once'],
      ['SEED', ''],
      ['RUNS', '0'],
      ['RUNS', '1.5'],
    ] as const) {
      expect(() => fc.asAsked({}, { [`PRESSROOM_TEST_${name}`]: value })).toThrow(
        `PRESSROOM_TEST_${name} is "${value}"`,
      )
    }
  })
})

test('each stage has its folder, and each folder its stage', () => {
  const names = STAGES.map(({ name }) => name)
  for (const name of names) {
    const files = ['stage.ts', 'run.ts', 'component.yaml'].map(file => `components/${name}/${file}`)
    for (const file of [...files, `actions/${name}/action.yml`, `docs/reference/${name}.md`]) {
      expect({ file, there: existsSync(join(root, file)) }).toEqual({ file, there: true })
    }
  }
  const folders = readdirSync(join(root, 'components'), { withFileTypes: true }).filter(entry =>
    entry.isDirectory(),
  )
  expect(folders.map(({ name }) => name).sort()).toEqual([...names, 'definition', 'faces'].sort())
  expect(new Set(names).size).toBe(names.length)
})

test('no shipped pipeline has the name of a stage, which the Python SDK would load in its place', () => {
  const files = globSync('{pipelines,examples/*}/*.yaml', { cwd: root })
  const named = files.flatMap(
    file => (load(read(file)) as { pipelineInfo?: { name: string } }).pipelineInfo?.name ?? [],
  )
  expect(named.length).toBeGreaterThan(2)
  expect(named.filter(name => STAGES.some(stage => stage.name === name))).toEqual([])
})

describe('generated files', () => {
  const files: Record<string, string> = {
    'docs/same.md': 'same',
    'docs/changed.md': 'new',
    'docs/a/missing.md': 'x',
  }
  const pages = {
    name: 'pages',
    owns: ['docs/**/*.md'],
    generate: async () => new Map(Object.entries(files)),
  }
  const binary = {
    name: 'binary',
    owns: ['dist/*'],
    generate: async () => new Map([['dist/a', Uint8Array.of(0, 255)]]),
  }

  test('are compared both ways and brought up to date', async () => {
    await using folder = await tempFolder()
    const at = (path: string) => join(folder.path, path)
    await mkdir(at('docs/old'), { recursive: true })
    for (const path of ['docs/same.md', 'docs/changed.md', 'docs/old/left.md', 'docs/mine.txt']) {
      await writeFile(at(path), 'same')
    }
    const differences = [
      { path: 'docs/changed.md', kind: 'changed' },
      { path: 'docs/a/missing.md', kind: 'missing' },
      { path: 'docs/old/left.md', kind: 'left over' },
      { path: 'dist/a', kind: 'missing' },
    ]
    const generators = [pages, binary]
    expect((await compareGenerated(folder.path, generators)).differences).toEqual(differences)
    expect(existsSync(at('dist/a'))).toBe(false)
    expect(await writeGenerated(folder.path, generators)).toEqual(differences)
    expect(await writeGenerated(folder.path, generators)).toEqual([])
    expect(await readFile(at('docs/changed.md'), 'utf8')).toBe('new')
    expect([...(await readFile(at('dist/a')))]).toEqual([0, 255])
    expect(existsSync(at('docs/old/left.md'))).toBe(false)
    expect(existsSync(at('docs/mine.txt'))).toBe(true)
  })

  test('belong to the generator that makes them', async () => {
    await using folder = await tempFolder()
    const greedy = { ...pages, owns: ['docs/*.md'] }
    await expect(compareGenerated(folder.path, [greedy])).rejects.toThrow(
      'pages does not own docs/a/missing.md',
    )
  })

  test('say in their first lines what they were generated from', async () => {
    for (const { owns } of GENERATORS) {
      for (const file of globSync([...owns], { cwd: root, withFileTypes: true }).filter(entry =>
        entry.isFile(),
      )) {
        // The licences are other people's texts.
        if (file.name === 'licenses.txt') continue
        const [source] =
          /(?<=Generated from )\S+/.exec(readFileSync(join(file.parentPath, file.name), 'utf8')) ?? []
        // Those of an example are from its own root.
        const [home = ''] = /examples\/[^/]+/.exec(file.parentPath) ?? []
        const there = existsSync(join(root, home, source ?? 'nothing'))
        expect({ file: file.name, source, there }).toMatchObject({ there: true })
      }
    }
  })
})

/** What is written by hand, and the reference pages. */
const PAGES = globSync(['*.md', 'docs/**/*.md'], { cwd: root })

/** The code blocks of a language in all pages. */
function blocksOf(language: string, pages = PAGES) {
  return pages.flatMap(page => {
    return [...read(page).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
      ([, code = '']) => ({ page, code }),
    )
  })
}

describe('the documentation', () => {
  test('shows TypeScript that compiles against what the package exports', async () => {
    await using folder = await tempFolder()
    const blocks = blocksOf(
      'ts',
      PAGES.filter(page => !page.startsWith(join('docs', 'reference'))),
    )
      // Those that import a file of their page are compiled where that page is run: test/cli/compile.test.ts.
      .filter(({ code }) => !/from '\.\//.test(code))
    expect(blocks.length).toBeGreaterThan(0)
    for (const [i, { code }] of blocks.entries()) await writeFile(join(folder.path, `block-${i}.mts`), code)
    const paths = Object.entries<string>(manifest.exports).map(([name, path]) => {
      return [join(manifest.name, name), [join(root, path)]]
    })
    const compilerOptions = {
      paths: Object.fromEntries(paths),
      typeRoots: [join(root, 'node_modules', '@types')],
    }
    const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.mts'], exclude: [] }
    await writeFile(join(folder.path, 'tsconfig.json'), JSON.stringify(config))
    const told = await exec(join(root, 'node_modules', '.bin', 'tsc'), ['--project', folder.path]).catch(
      error => error,
    )
    expect(told.stdout).toBe('')
  })

  test('names commands and flags that exist', () => {
    const spans = PAGES.flatMap(page => {
      return [...read(page).matchAll(/`((?:npx pressroom|pressroom|npm) [^`\n]+)`/g)].map(
        ([, code = '']) => ({ page, code }),
      )
    })
    const lines = [...blocksOf('sh'), ...spans].flatMap(({ page, code }) => {
      const commands = code.split(/\n|&&/).map(line => line.replace(/(^|\s)#.*/, '').trim())
      return commands.filter(line => line !== '').map(line => ({ page, line, fault: faultOfLine(line) }))
    })
    expect(lines.length).toBeGreaterThan(20)
    expect(lines.filter(({ fault }) => fault !== undefined)).toEqual([])
  })

  test('names actions and inputs that exist', () => {
    const steps = blocksOf('yaml').flatMap(({ page, code }) =>
      stepsIn(load(code)).map(step => ({ page, ...step })),
    )
    expect(steps.length).toBeGreaterThan(STAGES.length)
    for (const { page, uses, with: given = {} } of steps) {
      const [, folder] = /^OWNER\/pressroom(\/[a-z/-]+)?@<sha>$/.exec(uses) ?? [undefined, 'nowhere']
      const action = load(read(join(folder ?? '', 'action.yml'))) as { inputs: object }
      const unknown = Object.keys(given).filter(name => !Object.hasOwn(action.inputs, name))
      expect({ page, uses, unknown }).toEqual({ page, uses, unknown: [] })
    }
  })

  test('links to files that are there', () => {
    const links = PAGES.flatMap(page => {
      const targets = read(page).matchAll(/(?:\]\(|src(?:set)?=")([^)"#\s]+)/g)
      return [...targets].map(([, target = '']) => ({ page, target }))
    })
    const local = links.filter(({ target }) => !/^[a-z]+:/.test(target))
    expect(local.length).toBeGreaterThan(10)
    expect(local.filter(({ page, target }) => !existsSync(join(root, dirname(page), target)))).toEqual([])
  })
})

const GLOBAL_FLAGS = ['--config', '--print-config', '--json', '--debug', '--help']
/** What npm knows without our scripts. */
const NPM_COMMANDS = ['ci', 'cit', 'i', 'install']

/** What is wrong with a command line of the documentation. Words in capitals and dots stand for something else. */
function faultOfLine(line: string): string | undefined {
  const [program, ...words] = line.split(/\s+/)
  if (program === 'npx' && words[0] === 'pressroom') return faultOfCommand(words.slice(1))
  if (program === 'pressroom') return faultOfCommand(words)
  if (program !== 'npm') return 'a program that nothing checks'
  const [command = '', ...rest] = words
  if (NPM_COMMANDS.includes(command)) return undefined
  const script = command === 'run' ? (rest.shift() ?? '') : command
  if (!Object.hasOwn(manifest.scripts, script)) return `no script ${script}`
  return script === 'start' ? faultOfCommand(['up', ...rest.filter(word => word !== '--')]) : undefined
}

function faultOfCommand([name = '', ...words]: readonly string[]): string | undefined {
  const flags = words.filter(word => word.startsWith('--'))
  if (/^[A-Z…]+$/.test(name))
    return flags.every(flag => GLOBAL_FLAGS.includes(flag)) ? undefined : 'no such flag'
  if (name.startsWith('--')) return ['--help', '--version'].includes(name) ? undefined : `no flag ${name}`
  const command = COMMANDS.find(command => command.name === name)
  if (command === undefined) return `no command ${name}`
  const known = [...GLOBAL_FLAGS, ...Object.keys(command.inputs).map(flagOf)]
  const unknown = flags.filter(flag => !known.includes(flag))
  return unknown.length === 0 ? undefined : `no flag ${unknown.join()}`
}

interface Step {
  readonly uses: string
  readonly with?: Readonly<Record<string, unknown>>
}

/** The steps that use an action of ours, however deep a piece of a workflow holds them. */
function stepsIn(value: unknown): Step[] {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.values(value).flatMap(stepsIn)
  return 'uses' in value && `${value.uses}`.startsWith('OWNER/') ? [value as Step, ...inner] : inner
}

test('no file names a place of this machine or a package registry', async () => {
  const { stdout } = await exec('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
  })
  const files = stdout.split('\0').filter(file => file !== '' && existsSync(join(root, file)))
  expect(files.length).toBeGreaterThan(100)
  const places = [root, resolve(root, '../shared'), homedir(), process.env.npm_config_registry ?? '']
  // A home folder such as /root is a name that any file may hold.
  const telling = places.filter(place => place.split('/').filter(part => part !== '').length > 1)
  expect(telling).toContain(root)
  const registries = /\b(registry\.(npmjs|yarnpkg)|pypi|pythonhosted)\.(org|com)\b/
  const found = files.filter(file => {
    const content = readFileSync(join(root, file), 'latin1')
    return registries.test(content) || telling.some(place => content.includes(place))
  })
  expect(found).toEqual([])
})
