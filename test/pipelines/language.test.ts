import { describe, expect, test } from '@jest/globals'
import { ingest, train } from '../../components/index.ts'
import { compile } from '../../pipelines/compiler/index.ts'
import { container, isPipeline, pipeline, text, when } from '../../pipelines/index.ts'
import news from '../../pipelines/news.ts'
import { loadedBy } from '../support/loaded-modules.ts'

describe('outside a pipeline', () => {
  const echo = container({ name: 'echo' }, () => ({ image: 'alpine' }))

  test.each<[string, () => unknown]>([
    ['stage "ingest" was called outside a pipeline', () => ingest({ source: 'a.csv' })],
    ['"echo" was called outside a pipeline', () => echo()],
    ['when() was called outside a pipeline', () => when(true as never, () => {})],
  ])('%s', (message, call) => {
    expect(call).toThrow(message)
    const broken = pipeline({ name: 'broken' }, () => {
      throw new Error('the body failed')
    })
    expect(() => compile(broken)).toThrow('the body failed')
    expect(call).toThrow(message)
  })
})

describe('a body', () => {
  test('is recorded anew each time, apart from any other', () => {
    const inner = pipeline({ name: 'inner' }, () => {
      ingest({ source: 'inner.csv' })
    })
    const outer = pipeline({ name: 'outer' }, () => {
      const data = ingest({ source: 'outer.csv' })
      compile(inner)
      train({ train: data.train, validation: data.validation })
    })
    const tasks = () => Object.keys(compile(outer).root.dag?.tasks ?? {}).sort()
    expect(tasks()).toEqual(['ingest', 'train'])
    expect(tasks()).toEqual(['ingest', 'train'])
  })

  test.each<[string, () => unknown]>([
    [
      "a pipeline's body must not be asynchronous",
      async () => {
        ingest({ source: 'a.csv' })
      },
    ],
    ['"rows" was used as text or as a number', () => `${ingest({ source: 'a.csv' }).rows}`],
    ['"rows" was used as text or as a number', () => Number(ingest({ source: 'a.csv' }).rows) + 1],
  ])('%s', (message, body) => {
    expect(() => compile(pipeline({ name: 'wrong' }, body as never))).toThrow(message)
  })
})

describe('container()', () => {
  test('names all that Kubeflow or a task cannot carry', () => {
    const define = () =>
      container(
        {
          name: 'wrong',
          inputs: { _hidden: text('') },
          outputs: { 'two words': text('') },
        },
        () => ({ image: 'alpine' }),
      )
    expect(define).toThrow(/"_hidden" does not begin.*\n.*"two words" does not begin/)
  })
})

test('a pipeline is known by its role', () => {
  expect([news, {}, null, () => {}].map(isPipeline)).toEqual([true, false, false, false])
})

test('importing the language costs next to nothing: a few small modules, no package, no compiler', async () => {
  const paths = await loadedBy('pipelines/index.ts')
  expect(paths).toContain('pipelines/language/pipeline.ts')
  expect(paths.filter(path => /node_modules|compiler|stage\.ts$|run\.ts$/.test(path))).toEqual([
    'components/definition/stage.ts',
  ])
  expect(paths.length).toBeLessThanOrEqual(32)
})

test('importing a pipeline loads nothing of what its stages do', async () => {
  const paths = await loadedBy('pipelines/news.ts')
  expect(paths).toContain('components/train/stage.ts')
  const known = /^(pipelines|components)\/.*|^core\/(errors|object|version|report\/shorten)\.ts$|^node:/
  expect(paths.filter(path => !known.test(path) || path.endsWith('/run.ts'))).toEqual([])
  expect(await loadedBy('components/promote/run.ts')).toContain('components/promote/run.ts')
})
