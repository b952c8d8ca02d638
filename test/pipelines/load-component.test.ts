import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { dump, load, loadAll } from 'js-yaml'
import { compileDocuments } from '../../pipelines/compiler/index.ts'
import { parseCompiled } from '../../pipelines/compiler/load/index.ts'
import {
  type AnyPipeline,
  artifact,
  integer,
  loadComponent,
  pipeline,
  text,
  when,
} from '../../pipelines/index.ts'
import { wrapped } from '../interop/wrapped.ts'
import { expectOurs, expectUnpolluted, junk, placesIn, spoilt } from '../support/junk.ts'
import * as fc from '../support/properties.ts'
import { tempFolder } from '../support/temp.ts'

/** What kfp_wrapped.py made; `npm run test:interop -- kfp` makes it again. */
const GOLDENS = resolve(import.meta.dirname, '../goldens/kfp-loaded')
const golden = (name: string) => readFileSync(join(GOLDENS, name), 'utf8')

/** Compiled pipelines of the Kubeflow project, which are not in the repository. */
const SHARED = resolve(import.meta.dirname, '../../../shared/kfp-goldens')

describe('as the Python SDK does', () => {
  test('a component and a pipeline become parts of a pipeline, under new names', () => {
    const toss = loadComponent(join(GOLDENS, 'toss.yaml'))
    const shelf = loadComponent(golden('shelf.yaml'))
    const inputs = { log: artifact('dataset', ''), sides: integer({ default: 6, help: '' }) }
    expectGolden(
      'twice.yaml',
      pipeline({ name: 'twice', inputs }, ({ log, sides }) => {
        const own = toss({ sides })
        const first = shelf({ log, sides, words: ['x'] })
        const second = shelf({ log: first.kept, sides: 2, share: 0.5 })
        second.after(own)
        when(second.face.is('tails'), () => {
          toss({ sides: 1, note: second.face })
        })
        return { Output: second.face }
      }),
    )
  })

  test('a component of Kubeflow Pipelines 1 is brought up to date', () => {
    const old = loadComponent(pathToFileURL(join(GOLDENS, 'old.yaml')))
    const inputs = { table: artifact('dataset', ''), other: artifact('any', '') }
    expectGolden(
      'older.yaml',
      pipeline({ name: 'older', inputs }, ({ table, other }) => {
        return { Output: old({ table, other, times: 4 }).words }
      }),
    )
  })
})

const shared = readdirSafely(SHARED)
if (shared.length === 0) test.skip(`there is no ${SHARED}`, () => {})
else {
  test.each(shared)('%s compiles when it is wrapped', name => {
    for (const way of ['required', 'all'] as const)
      expect(wrapped(join(SHARED, name), way).spec.root.dag).toBeDefined()
  })
}

describe('calls', () => {
  const shelf = loadComponent(golden('shelf.yaml'))

  test('are checked: names, kinds, what is required', () => {
    const wrong = pipeline({ name: 'wrong', inputs: { word: text('') } }, ({ word }) => {
      shelf({ sides: word, words: 'a', extra: 1 })
    })
    expect(messageOf(() => compileDocuments(wrong))).toMatch(
      /shelf\.extra +is no input.*shelf\.sides +takes an integer, not a string.*shelf\.words +must be a list.*shelf\.log +is not given/s,
    )
  })

  test('give outputs by name, and nothing under another', () => {
    let outputs: readonly string[] = []
    const fine = pipeline({ name: 'fine', inputs: { log: artifact('dataset', '') } }, ({ log }) => {
      const task = shelf({ log, sides: 1 })
      outputs = Object.keys(task.outputs)
      expect(task.nothing).toBeUndefined()
    })
    compileDocuments(fine)
    expect(outputs).toEqual(['face', 'kept'])
  })

  test('stand inside a pipeline only', () => {
    expect(messageOf(() => shelf({}))).toContain('"shelf" was called outside a pipeline')
  })
})

/** Changes one place of a good file; what is left of it must be refused, with these words. */
type Change = (spec: Mutable) => void
// biome-ignore lint/suspicious/noExplicitAny: a file is spoilt at any depth
type Mutable = any

const SPOILT: readonly (readonly [name: string, change: Change, ...says: (string | RegExp)[]])[] = [
  ['an unknown field', s => (s.root.dag.tasks.toss.colour = 'red'), 'root.dag.tasks.toss.colour is no field'],
  ['a newer schema version', s => (s.schemaVersion = '2.2.0'), 'has schema version "2.2.0"', 'reads 2.1'],
  ['no schema version', s => delete s.schemaVersion, 'it has neither schemaVersion'],
  ['a pipeline job', s => (s.pipelineSpec = {}), 'it is a Vertex AI pipeline job'],
  ['no root', s => delete s.root, 'root is missing'],
  ['no components', s => delete s.components, 'root.dag.tasks.toss runs "comp-toss", which is no component'],
  ['no executors', s => delete s.deploymentSpec, 'components.comp-toss.executorLabel names "exec-toss"'],
  [
    'a missing producer',
    s => (s.root.dag.outputs.parameters.face.valueFromParameter.producerSubtask = 'cast'),
    'root.dag.outputs.parameters.face is "cast", which is no task beside it',
  ],
  [
    'a missing output',
    s => (s.root.dag.outputs.artifacts.kept.artifactSelectors[0].outputArtifactKey = 'rows'),
    'root.dag.outputs.artifacts.kept is "rows" of "toss", which has no such output',
  ],
  [
    'a missing input',
    s => (s.root.dag.tasks.toss.inputs.parameters.sides.componentInputParameter = 'faces'),
    'root.dag.tasks.toss takes input "sides" from parameter "faces", which is no input around it',
  ],
  [
    'a task that waits for itself',
    s => (s.root.dag.tasks.toss.dependentTasks = ['condition-2']),
    'root.dag.tasks.toss waits for itself',
  ],
  [
    'a component in itself',
    s => (s.components['comp-condition-2'].dag.tasks.report.componentRef.name = 'comp-condition-2'),
    'components.comp-condition-2 contains itself',
  ],
  [
    'an escaping path for a name',
    s => (s.root.dag.tasks['../../etc/passwd'] = s.root.dag.tasks.toss),
    'root.dag.tasks.../../etc/passwd is no name',
  ],
  [
    'an escaping path for a pipeline',
    s => (s.pipelineInfo.name = '../../etc'),
    'pipelineInfo.name is "../../etc", which is no name',
  ],
  [
    'a constant of a megabyte',
    s =>
      (s.root.dag.tasks.toss.inputs.parameters.sides = { runtimeValue: { constant: 'x'.repeat(1_000_000) } }),
    /root\.dag\.tasks\.toss\.inputs\.parameters\.sides\.runtimeValue\.constant is a constant of 1000002 bytes/,
  ],
  [
    'two sources of one input',
    s => (s.root.dag.tasks.toss.inputs.parameters.sides.runtimeValue = { constant: 3 }),
    'has more than one of componentInputParameter, taskOutputParameter',
  ],
  [
    'text for a number, a list for text',
    s => {
      s.root.dag.tasks.toss.retryPolicy.maxRetryCount = 'two'
      s.deploymentSpec.executors['exec-toss'].container.image = ['alpine']
    },
    'root.dag.tasks.toss.retryPolicy.maxRetryCount is "two", not a number',
    'deploymentSpec.executors.exec-toss.container.image is a list, not text',
  ],
  [
    'a list with a duration in it, an object that JavaScript cannot write as text',
    s => {
      s.root.dag.tasks.toss.retryPolicy.backoffDuration = ['60s']
      s.root.dag.tasks.toss.retryPolicy.backoffMaxDuration = { toString: [] }
    },
    'root.dag.tasks.toss.retryPolicy.backoffDuration is no duration such as 60s',
    'root.dag.tasks.toss.retryPolicy.backoffMaxDuration is no duration such as 60s',
  ],
  [
    'an object for the version',
    s => (s.schemaVersion = { toString: [] }),
    'has schema version {"toString":[]}',
  ],
  [
    'an unknown type',
    s => (s.root.inputDefinitions.parameters.sides.parameterType = 'NUMBER'),
    'root.inputDefinitions.parameters.sides.parameterType is "NUMBER", not one of NUMBER_DOUBLE',
  ],
]

test('quotes and brackets may go on in lines that are indented no further than what holds them', () => {
  const text = golden('shelf.yaml')
  const [spec] = loadAll(text) as Mutable[]
  spec.deploymentSpec.executors['exec-toss'].container.command = ['toss', 'a "b" c d e']
  const loose = dump(spec).replace(/^( *)- 'a "b" c d e'$|^( *)- a "b" c d e$/m, (_, one, two) => {
    const indent = one ?? two
    return `${indent}- "a \\"b\\"\\\n${indent}\\ c\n${indent}d e"`
  })
  expect(() => loadAll(loose)).toThrow('deficient indentation')
  expect(() => loadComponent(loose)).not.toThrow()
  const task = pipeline({ name: 'p', inputs: { log: artifact('dataset', '') } }, ({ log }) => {
    loadComponent(loose)({ sides: 2, log })
  })
  const executors = Object.values(compileDocuments(task).spec.deploymentSpec!.executors)
  expect(executors.map(each => each.container?.command)).toContainEqual(['toss', 'a "b" c d e'])
  const brackets = `name: count\nimplementation:\n  container:\n    image: alpine\n    command: [\n    count,\n    it\n    ]\n`
  expect(() => loadAll(brackets)).toThrow('deficient indentation')
  expect(() => loadComponent(brackets)).not.toThrow()
})

describe('a spoilt file is refused:', () => {
  test.each(SPOILT)('%s', (_, change, ...says) => {
    const spec: Mutable = loadAll(golden('shelf.yaml'))[0]
    change(spec)
    const message = messageOf(() => loadComponent(dump(spec)))
    for (const part of says)
      expect(message).toMatch(part instanceof RegExp ? part : new RegExp(escaped(part)))
    expect(message.length).toBeLessThan(5000)
  })

  const bomb = ['a: &a0 [x, x, x, x, x, x, x, x, x, x]']
  for (let i = 1; i < 12; i++)
    bomb.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    )
  test.each([
    ['two keys of one name', 'root: {}\nroot: {}\n', 'is not YAML', 'duplicated mapping key'],
    ['an alias bomb', bomb.join('\n'), 'aliases (*name) stand for more than'],
    ['an alias to itself', 'a: &a [*a]\nb: 1', 'aliases (*name) stand for more than'],
    ['HTML', '<!doctype html>\n<html><body>Sign in</body></html>', 'it is HTML'],
    ['nothing', '\n', 'it is empty'],
    ['a list', '- a\n- b\n', 'it holds a list'],
    ['three documents', 'a: 1\n---\nb: 1\n---\nc: 1\n', 'it holds 3 YAML documents'],
    ['a tag that runs code', 'a: !!python/object/apply:os.system ["true"]\nb: 1', 'unknown sequence tag'],
    ['an unknown platform field', `${golden('shelf.yaml')}\nmore: 1\n`, 'more is no field'],
    ['a graph of version 1', 'name: x\nimplementation: {graph: {}}\n', 'is a graph of Kubeflow Pipelines 1'],
    [
      'a component of version 1 that refers to nothing',
      'name: x\nimplementation: {container: {image: a, args: [{inputValue: b}]}}\n',
      'implementation.container.args[0] refers to "b", which is no input',
    ],
  ])('%s', (_, file, ...says) => {
    const message = messageOf(() => loadComponent(file))
    for (const part of says) expect(message).toContain(part)
  })

  test('or read, whatever is put in any place of it', () => {
    const [spec] = loadAll(golden('shelf.yaml'))
    fc.assert(
      fc.property(fc.constantFrom(...placesIn(spec)), junk, (place, value) => {
        try {
          const shelf = loadComponent(spoilt(spec, place, value))
          compileDocuments(pipeline({ name: 'p' }, () => void shelf({})))
        } catch (error) {
          expectOurs(error)
        }
        expectUnpolluted()
      }),
      { numRuns: 300 },
    )
  })

  test('a file that is not there', () => {
    expect(messageOf(() => loadComponent('nope.yaml'))).toContain('no such file: nope.yaml')
  })
})

describe('what a file may be written like', () => {
  const files: readonly (readonly [string, (spec: Mutable) => string])[] = [
    ['JSON', spec => JSON.stringify(spec)],
    ['snake case', spec => JSON.stringify(spec).replaceAll('"inputDefinitions"', '"input_definitions"')],
    ['nulls and empty values', spec => dump({ ...spec, sdkVersion: null, defaultPipelineRoot: '' })],
  ]
  test.each(files)('%s', (_, write) => {
    const spec: Mutable = load(golden('toss.yaml'))
    const compiled = (file: string) => {
      const toss = loadComponent(file)
      return compileDocuments(pipeline({ name: 'p' }, () => void toss({ sides: 1 })))
    }
    expect(compiled(write(spec))).toEqual(compiled(golden('toss.yaml')))
  })

  test('an output that is called like an input, as the SDK writes it', () => {
    const spec: Mutable = load(golden('toss.yaml'))
    for (const part of [spec.root, spec.components['comp-toss']]) {
      part.outputDefinitions.parameters.note = { parameterType: 'STRING' }
    }
    spec.root.dag.outputs.parameters.output__note = {
      valueFromParameter: { outputParameterKey: 'output__note', producerSubtask: 'toss' },
    }
    const toss = loadComponent(dump(spec))
    const { spec: made } = compileDocuments(
      pipeline({ name: 'p' }, () => ({ note: toss({ sides: 1 }).note })),
    )
    expect(made.root.dag?.outputs?.parameters?.note?.valueFromParameter?.outputParameterKey).toBe('note')
  })

  test('tasks without a name for people', () => {
    const spec: Mutable = load(golden('toss.yaml'))
    spec.root.dag.tasks.toss.taskInfo = null
    const { spec: made } = parseCompiled(JSON.stringify(spec), 'toss.json')
    expect(made.root.dag?.tasks?.toss?.taskInfo).toEqual({ name: 'toss' })
  })

  test('literals stay', () => {
    const spec: Mutable = load(golden('toss.yaml'))
    for (const part of [spec.root, spec.components['comp-toss']]) {
      const { note } = part.inputDefinitions.parameters
      Object.assign(note, { literals: ['none', 'some'] })
    }
    const toss = loadComponent(dump(spec))
    const { spec: made } = compileDocuments(pipeline({ name: 'p' }, () => void toss({ sides: 1 })))
    expect(made.components?.['comp-toss']?.inputDefinitions?.parameters?.note).toHaveProperty('literals', [
      'none',
      'some',
    ])
  })

  test('plain words are what Python takes them for', () => {
    const file = golden('toss.yaml').replaceAll('defaultValue: none', 'defaultValue: y')
    expect(file).toContain('defaultValue: y\n')
    const toss = loadComponent(file)
    const { spec } = compileDocuments(pipeline({ name: 'p' }, () => void toss({ sides: 1 })))
    expect(spec.components?.['comp-toss']?.inputDefinitions?.parameters?.note?.defaultValue).toBe('y')
  })

  test('a pipeline that is called like its only task stays a pipeline', async () => {
    await using folder = await tempFolder()
    const spec: Mutable = load(golden('toss.yaml'))
    spec.root.dag.tasks.toss.inputs.parameters.sides = { runtimeValue: { constant: 6 } }
    delete spec.root.inputDefinitions.parameters.sides
    const path = join(folder.path, 'toss.yaml')
    writeFileSync(path, dump(spec))
    const toss = loadComponent(path)
    const compiled = compileDocuments(pipeline({ name: 'p' }, () => void toss({})))
    expect(compiled.spec.components?.['comp-toss-2']?.dag?.tasks).toHaveProperty('toss')
  })
})

function expectGolden(name: string, made: AnyPipeline): void {
  const [spec, platform] = loadAll(golden(name))
  const compiled = compileDocuments(made)
  expect(bare(compiled.spec)).toEqual(bare(spec))
  expect(compiled.platform).toEqual(platform)
}

/** Without what names the compiler. */
function bare(spec: unknown): object {
  const { sdkVersion: _, ...rest } = spec as Record<string, unknown>
  return rest
}

function messageOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    expect(error).toHaveProperty('name', 'PressroomError')
    return (error as Error).message
  }
  throw new Error('nothing was thrown')
}

function escaped(part: string): string {
  return part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function readdirSafely(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.yaml'))
  } catch {
    return []
  }
}
