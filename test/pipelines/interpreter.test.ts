import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { loadAll } from 'js-yaml'
import type { Json } from '../../components/definition/index.ts'
import type { ExecutorInput } from '../../components/faces/executor.ts'
import { containerOf } from '../../components/image.ts'
import { asPressroomError, PressroomError } from '../../core/errors.ts'
import { withoutIterations } from '../../pipelines/diagram/group-names.ts'
import { commandLine } from '../../pipelines/runners/local/command-line.ts'
import { evaluateCondition, faultOfCondition } from '../../pipelines/runners/local/conditions.ts'
import { type Interpreter, runDag, type TaskCall } from '../../pipelines/runners/local/dag.ts'
import { type ContainerJob, runArguments } from '../../pipelines/runners/local/engine.ts'
import { fillConstant, select } from '../../pipelines/runners/local/expressions.ts'
import { createGate } from '../../pipelines/runners/local/gate.ts'
import { bindParameters } from '../../pipelines/runners/local/parameters.ts'
import { planRun } from '../../pipelines/runners/local/plan.ts'
import { delayAfter } from '../../pipelines/runners/local/retry.ts'
import { loadStages } from '../../pipelines/runners/local/stages.ts'
import { NO_VALUES, type StoredArtifact, type Values } from '../../pipelines/runners/local/types.ts'
import type {
  ComponentSpec,
  InputParameterSpec,
  PipelineSpec,
  TaskSpec,
} from '../../pipelines/specification.ts'
import { orderTasks } from '../../pipelines/task-graph.ts'
import { played } from '../support/golden-functions.ts'
import * as fc from '../support/properties.ts'
import { constant, input, leaf, output, specOf, task } from '../support/specs.ts'
import { tempFolder } from '../support/temp.ts'

const SELECT = 'parseJson(string_value)'

describe('conditions', () => {
  const parameters = {
    n: 5,
    d: 5.7,
    s: 'it\'s "q"\n\\',
    yes: true,
    list: ['a'],
    struct: { k: 'v' },
    digits: '5',
  }

  // What the server's CEL (cel-go) answers: facts measured with the driver's own code.
  test.each([
    ["inputs.parameter_values['n'] == 5", true],
    ["inputs.parameter_values['n'] == 5.0", true],
    ["inputs.parameter_values['n'] != 5", false],
    ["inputs.parameter_values['n'] < 6", true],
    ["int(inputs.parameter_values['n']) == 5", true],
    ["int(inputs.parameter_values['d']) == 5", true],
    ["double(int(inputs.parameter_values['n'])) == 5.0", true],
    ["inputs.parameter_values['n'] == double(5)", true],
    ["inputs.parameter_values['digits'] == '5'", true],
    ["inputs.parameter_values['digits'] == 5", false],
    ["inputs.parameter_values['s'] == 'it\\'s \"q\"\\n\\\\'", true],
    ["inputs.parameter_values['yes'] == true", true],
    ["!(inputs.parameter_values['yes'] == true) || inputs.parameter_values['n'] in [4, 5]", true],
    ["size(inputs.parameter_values['list']) == 1 && inputs.parameter_values['struct']['k'] == 'v'", true],
    ["inputs.parameter_values['s'].startsWith('it')", true],
  ])('%s is %s', (condition, expected) => {
    expect(faultOfCondition(condition)).toBeUndefined()
    expect(evaluateCondition(condition, parameters)).toBe(expected)
  })

  test.each([
    ["inputs.parameter_values['absent'] == 'x'", 'No such key: absent'],
    ["inputs.parameter_values['n'] + 1 == 6", 'no such overload'],
    ["inputs.parameter_values['n']", 'neither true nor false'],
  ])('%s has no truth', (condition, why) => {
    expect(() => evaluateCondition(condition, parameters)).toThrow(
      expect.objectContaining({ code: 'invalid-pipeline', message: expect.stringContaining(why) }),
    )
  })

  test.each(["inputs.parameter_values['n'] ==", '5.0 == 5', "'text'", 'process.exit()'])(
    '%s is seen before the run',
    condition => expect(faultOfCondition(condition)).toEqual(expect.any(String)),
  )
})

describe('constants', () => {
  test.each([
    ['it\'s "quoted"\n{{ braces }} {{$}}', 'it\'s "quoted"\n{{ braces }} {{$}}'],
    ["<{{$.inputs.parameters['s']}}>", '<say "hi"\n>'],
    ["{{$.inputs.parameters['n']}} {{$.inputs.parameters['n']}}", '2 2'],
    ["{{$.inputs.parameters['trap']}}", "{{$.inputs.parameters['n']}} $& $1"],
    [{ a: ["{{$.inputs.parameters['yes']}}", 7, null] }, { a: ['true', 7, null] }],
    ["{{$.inputs.parameters['list']}}", '["a",1]'],
  ])('%j becomes %j', (value, expected) => {
    const inputs = {
      s: 'say "hi"\n',
      n: 2.0,
      yes: true,
      list: ['a', 1],
      trap: "{{$.inputs.parameters['n']}} $& $1",
    }
    expect(fillConstant(value, inputs)).toEqual(expected)
  })

  test('an input without a value cannot be put into a text', () => {
    expect(() => fillConstant("{{$.inputs.parameters['x']}}", {})).toThrow('"x", which has no value')
  })

  test.each([
    [`${SELECT}["a"]`, '{"a": [1]}', [1]],
    [`${SELECT}["a"]`, { a: 'x' }, 'x'],
    [`${SELECT}[1]["12"]`, '[0, {"12": [2]}]', [2]],
    [`${SELECT}["a b"]["\\"c\\""]`, { 'a b': { '"c"': null } }, null],
  ])('%s of %j', (selector, value, expected) => expect(select(selector, value)).toEqual(expected))

  test.each([['{"b": 1}'], ['no json'], [['a']], ['"text"'], [{}]])('no "a" in %j', value => {
    expect(() => select(`${SELECT}["a"]`, value)).toThrow(
      expect.objectContaining({ code: 'invalid-parameter' }),
    )
  })
})

test('retries wait longer each time, up to a limit', () => {
  const policy = { maxRetryCount: 5, backoffDuration: '2s', backoffFactor: 3, backoffMaxDuration: '30s' }
  expect([0, 1, 2, 3, 4, 5].map(failure => delayAfter(failure, policy))).toEqual([
    2,
    6,
    18,
    30,
    30,
    undefined,
  ])
  expect([delayAfter(0, { maxRetryCount: 1 }), delayAfter(0), delayAfter(0, {})]).toEqual([
    0,
    undefined,
    undefined,
  ])
})

test('the gate lets a number in at a time, in order', async () => {
  const gate = createGate(2)
  const log: string[] = []
  const leave: (() => void)[] = []
  const all = [0, 1, 2, 3].map(i => {
    return gate(async () => {
      log.push(`in ${i}`)
      await new Promise<void>(done => leave.push(done))
      if (i === 0) throw new Error('out by the window')
    }).catch(() => {})
  })
  const turn = () => new Promise(done => setImmediate(done))
  await turn()
  expect(log).toEqual(['in 0', 'in 1'])
  leave[0]?.()
  await turn()
  expect(log).toEqual(['in 0', 'in 1', 'in 2'])
  leave[2]?.()
  await turn()
  expect(log).toEqual(['in 0', 'in 1', 'in 2', 'in 3'])
  for (const done of leave) done()
  await Promise.all(all)
})

test('the gate finishes iterations that have begun before it lets others begin', async () => {
  const gate = createGate(1)
  const log: string[] = []
  const enter = (name: string, rank: readonly number[], then?: () => Promise<void>) =>
    gate(async () => void log.push(name), rank).then(then)
  const second = (i: number) => () => enter(`${i} second`, [i])
  const outside = () => enter('outside', [])
  await Promise.all([
    enter('0 first', [0], second(0)),
    enter('1 first', [1], second(1)),
    outside(),
    enter('2 first', [2], second(2)),
    enter('2 inner', [2, 1]),
    enter('2 inner before', [2, 0]),
  ])
  expect(log.indexOf('0 second')).toBeLessThan(log.indexOf('2 first'))
  expect(log.indexOf('1 second')).toBeLessThan(log.indexOf('2 first'))
  expect(log.indexOf('2 inner before')).toBeLessThan(log.indexOf('2 inner'))
  expect(log.indexOf('outside')).toBeLessThan(log.indexOf('2 second'))
  expect(log).toHaveLength(9)
})

const unlooped = { constants: {}, onLoop: () => {}, onRetry: () => {} }

/** A random DAG: each task's dependencies are among those before it. */
const graphs = fc
  .array(
    fc.record({
      dependencies: fc.array(fc.nat(30), { maxLength: 4 }),
      fails: fc.boolean(),
      anyway: fc.boolean(),
    }),
    { maxLength: 12 },
  )
  .map(rows => {
    return rows.map(({ dependencies, ...row }, i) => {
      return {
        ...row,
        name: `t${i}`,
        dependencies: [...new Set(dependencies.filter(d => d < i))].map(d => `t${d}`),
      }
    })
  })

test('in every DAG a task runs once, after those it depends on, and only when they succeeded', async () => {
  await fc.assert(
    fc.asyncProperty(graphs, fc.infiniteStream(fc.nat(3)), async (rows, delays) => {
      const tasks = rows.map(({ name, dependencies, anyway }): [string, TaskSpec] => {
        const trigger = anyway ? { triggerPolicy: { strategy: 'ALL_UPSTREAM_TASKS_COMPLETED' as const } } : {}
        return [name, task('work', {}, { dependentTasks: dependencies, ...trigger })]
      })
      const ended = new Map<string, string>()
      const interpreter: Interpreter = {
        spec: specOf({}, { work: leaf('work', []) }),
        signal: new AbortController().signal,
        async runTask({ path }) {
          const row = rows.find(({ name }) => name === path)
          expect(ended.has(path)).toBe(false)
          expect(row?.dependencies.filter(name => !ended.has(name))).toEqual([])
          for (let i = delays.next().value; i > 0; i--) await new Promise(done => setImmediate(done))
          const state = row?.fails ? 'failed' : 'succeeded'
          ended.set(path, state)
          return { state, failing: state === 'failed', outputs: NO_VALUES }
        },
        ...unlooped,
        onPassedOver: (path, state) => ended.set(path, state),
        onFailed: (path, error) => expect([path, error]).toBe('never'),
      }
      // Handed over in any order: the graph says what comes first, not the file.
      const { state } = await runDag(interpreter, { tasks: Object.fromEntries(tasks.reverse()) }, NO_VALUES)
      const failing = new Map<string, boolean>()
      for (const { name, dependencies, anyway, fails } of rows) {
        const held = !anyway && dependencies.some(other => ended.get(other) !== 'succeeded')
        expect([name, ended.get(name)]).toEqual([name, held ? 'skipped' : fails ? 'failed' : 'succeeded'])
        failing.set(name, held ? dependencies.some(other => failing.get(other)) : fails)
      }
      const last = rows.filter(({ name }) => !rows.some(row => row.dependencies.includes(name)))
      expect(state).toBe(last.some(({ name }) => failing.get(name)) ? 'failed' : 'succeeded')
    }),
    { numRuns: 200 },
  )
})

test('a chain of ten thousand tasks is no deeper than one', () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `t${i}`)
  const tasks = names.map(
    (name, i) => [name, task('w', {}, { dependentTasks: names.slice(i + 1, i + 2) })] as const,
  )
  expect(orderTasks(Object.fromEntries(tasks))).toEqual(names.toReversed())
})

/** Runs a specification whose tasks only answer with their inputs; returns what each got and what came out. */
async function interpret(
  root: ComponentSpec,
  components: Record<string, ComponentSpec>,
  inputs: Values = NO_VALUES,
) {
  const seen: Record<string, unknown> = {}
  const controller = new AbortController()
  const outcome = await runDag(
    {
      spec: specOf(root, components),
      signal: controller.signal,
      constants: { pipeline_job_name: 'job', pipeline_job_uuid: 'id', pipeline_job_resource_name: 'jobs/id' },
      async runTask({ path, inputs }) {
        seen[path] = inputs.parameters
        if (inputs.parameters.value === 'stop') controller.abort()
        if (inputs.parameters.value === 'fail') {
          const error = new PressroomError('stage-failed', 'it failed')
          return { state: 'failed', failing: true, outputs: NO_VALUES, error }
        }
        return { state: 'succeeded', failing: false, outputs: inputs }
      },
      onPassedOver: (path, state, why) => {
        seen[path] = `${state}: ${why}`
      },
      onFailed: (path, error) => {
        seen[path] = error.message
      },
      onLoop: (path, items) => {
        seen[path] = items
      },
      onRetry: (path, delay) => {
        seen[`${path} again`] = delay
      },
    },
    root.dag ?? {},
    inputs,
  )
  return { ...outcome, seen }
}

const echo = leaf('echo', ['value', 'suffix'], ['value'])

describe('wiring', () => {
  test('sources, selectors, texts and defaults meet in one task; what the component does not declare is left out', async () => {
    const component: ComponentSpec = {
      ...echo,
      inputDefinitions: {
        parameters: {
          ...echo.inputDefinitions?.parameters,
          kept: { parameterType: 'NUMBER_INTEGER', defaultValue: 3, isOptional: true },
        },
      },
    }
    const parameters = {
      value: constant(
        "{{$.inputs.parameters['pipelinechannel--first']}} and {{$.inputs.parameters['suffix']}}",
      ),
      suffix: { ...input('json'), parameterExpressionSelector: `${SELECT}["k"]` },
      'pipelinechannel--first': output('first', 'value'),
    }
    const tasks = { first: task('echo', { value: input('a') }), second: task('full', parameters) }
    const inputs = { parameters: { a: 'it\'s "A"', json: '{"k": "K"}' }, artifacts: {} }
    const { seen, state } = await interpret({ dag: { tasks } }, { echo, full: component }, inputs)
    expect(state).toBe('succeeded')
    expect(seen).toEqual({
      first: { value: 'it\'s "A"' },
      second: { value: 'it\'s "A" and K', suffix: 'K', kept: 3 },
    })
  })

  test('an absent optional input stays absent through groups; a required one fails where it is needed', async () => {
    const group: ComponentSpec = {
      inputDefinitions: { parameters: { inner: { parameterType: 'STRING', isOptional: true } } },
      dag: {
        tasks: {
          leaf: task('echo', { value: input('inner') }),
          strict: task('strict', { must: input('inner') }),
        },
      },
    }
    const strict = leaf('echo', [], [], {
      inputDefinitions: { parameters: { must: { parameterType: 'STRING' } } },
    })
    const root = { dag: { tasks: { group: task('group', { inner: input('absent') }) } } }
    const { seen, state } = await interpret(root, { group, echo, strict })
    expect(state).toBe('failed')
    expect(seen).toEqual({
      'group/leaf': {},
      'group/strict': 'its input "must" has no value\n  wire it, or give it a default',
    })
  })

  const branch = (value: string): ComponentSpec => ({
    inputDefinitions: { parameters: { coin: { parameterType: 'STRING' } } },
    dag: {
      tasks: { say: task('echo', { value: constant(value) }) },
      outputs: {
        parameters: { out: { valueFromParameter: { producerSubtask: 'say', outputParameterKey: 'value' } } },
      },
    },
  })
  const when = (condition: string) => ({ triggerPolicy: { condition } })
  const heads = "inputs.parameter_values['coin'] == 'heads'"
  const oneOf = {
    branches: {
      inputDefinitions: { parameters: { coin: { parameterType: 'STRING' as const } } },
      outputDefinitions: { parameters: { out: { parameterType: 'STRING' as const } } },
      dag: {
        tasks: {
          'condition-1': task('yes', { coin: input('coin') }, when(heads)),
          'condition-2': task('no', { coin: input('coin') }, when(`!(${heads})`)),
        },
        outputs: {
          parameters: {
            out: {
              valueFromOneof: {
                parameterSelectors: [1, 2].map(i => {
                  return { producerSubtask: `condition-${i}`, outputParameterKey: 'out' }
                }),
              },
            },
          },
        },
      },
    },
    yes: branch('won'),
    no: branch('lost'),
    echo,
  }

  test.each([
    ['heads', 'won', 'condition-2'],
    ['tails', 'lost', 'condition-1'],
  ])('%s: the branch that ran gives the value', async (coin, value, skipped) => {
    const tasks = {
      branches: task('branches', { coin: input('coin') }),
      after: task('echo', { value: output('branches', 'out') }),
    }
    const { seen, state } = await interpret({ dag: { tasks } }, oneOf, {
      parameters: { coin },
      artifacts: {},
    })
    expect(state).toBe('succeeded')
    expect(seen.after).toEqual({ value })
    expect(seen[`branches/${skipped}`]).toBe('skipped: its condition does not hold')
  })

  test('who needs what was skipped is skipped too, and nothing has failed', async () => {
    const tasks = {
      maybe: task('echo', { value: constant('x') }, when('1 == 2')),
      waits: task('echo', {}, { dependentTasks: ['maybe'] }),
      anyway: task(
        'strict',
        { must: output('maybe', 'value') },
        {
          triggerPolicy: { strategy: 'ALL_UPSTREAM_TASKS_COMPLETED' },
        },
      ),
    }
    const strict = leaf('echo', [], [], {
      inputDefinitions: { parameters: { must: { parameterType: 'STRING' } } },
    })
    const { seen, state } = await interpret({ dag: { tasks } }, { echo, strict })
    expect(state).toBe('succeeded')
    expect(seen).toEqual({
      maybe: 'skipped: its condition does not hold',
      waits: 'skipped: maybe did not run',
      anyway: 'skipped: maybe gave no value for its input',
    })
  })

  test('a task that runs in any case forgives a failure, unless it needs what failed', async () => {
    const anyway = { triggerPolicy: { strategy: 'ALL_UPSTREAM_TASKS_COMPLETED' as const } }
    const strict = leaf('echo', [], [], {
      inputDefinitions: { parameters: { must: { parameterType: 'STRING' } } },
    })
    const bad = task('echo', { value: constant('fail') })
    const after = task('echo', {}, { dependentTasks: ['bad'], ...anyway })
    const needs = task('strict', { must: output('bad', 'value') }, anyway)
    const forgiven = await interpret({ dag: { tasks: { bad, after } } }, { echo, strict })
    expect([forgiven.state, forgiven.seen.after]).toEqual(['succeeded', {}])
    const needed = await interpret({ dag: { tasks: { bad, needs } } }, { echo, strict })
    expect([needed.state, needed.seen.needs]).toEqual(['failed', 'bad gave no value for its input'])
  })

  test('a condition without a value fails its group, not the others', async () => {
    const tasks = {
      group: task('no', { coin: constant('x') }, when("inputs.parameter_values['absent'] == 1")),
      other: task('echo', { value: constant('fine') }),
    }
    const { seen, state } = await interpret({ dag: { tasks } }, oneOf)
    expect(state).toBe('failed')
    expect(seen).toEqual({ group: expect.stringContaining('No such key: absent'), other: { value: 'fine' } })
  })
})

/** A group of tasks as a component, with inputs of type STRING. */
const groupOf = (
  inputs: string[],
  tasks: Record<string, TaskSpec>,
  outputs: ComponentSpec = {},
): ComponentSpec => ({
  inputDefinitions: {
    parameters: Object.fromEntries(inputs.map(name => [name, { parameterType: 'STRING' }])),
  },
  ...outputs,
  dag: { tasks, ...outputs.dag },
})
const over = (itemInput: string, items: { raw: string } | { inputParameter: string }) => ({
  parameterIterator: { itemInput, items },
})
const collecting = (task: string): ComponentSpec => ({
  outputDefinitions: { parameters: { all: { parameterType: 'LIST' } } },
  dag: {
    outputs: {
      parameters: {
        all: {
          valueFromParameter: {
            producerSubtask: task,
            outputParameterKey: task === 'inner' ? 'all' : 'value',
          },
        },
      },
    },
  },
})

describe('loops', () => {
  const list = { inputDefinitions: { parameters: { list: { parameterType: 'LIST' as const } } } }
  const taking = (name: string, value: Json) => ({ parameters: { [name]: value }, artifacts: {} })

  test.each([
    ['a literal', over('item', { raw: '["a", 2, {"k": "v"}]' }), {}, ['a', '2', '{"k":"v"}']],
    ['an input', over('item', { inputParameter: 'list' }), { list: input('l') }, ['x', 'y']],
    ['JSON text', over('item', { inputParameter: 'list' }), { list: input('t') }, ['1', '2']],
    [
      "a part of another's text",
      over('item', { inputParameter: 'list' }),
      { list: { ...input('s'), parameterExpressionSelector: `${SELECT}["items"]` } },
      ['p'],
    ],
    ['nothing', over('item', { raw: '[]' }), {}, []],
  ])('over %s', async (_, iterator, parameters, items) => {
    const loop = groupOf(['item'], { say: task('echo', { value: input('item') }) }, collecting('say'))
    const tasks = {
      loop: task('loop', parameters, iterator),
      after: task('lists', { list: output('loop', 'all') }),
    }
    const lists = leaf('echo', [], [], list)
    const inputs = { l: ['x', 'y'], t: '[1, 2]', s: '{"items": ["p"]}' }
    const { seen, state } = await interpret(
      { dag: { tasks } },
      { loop, echo, lists },
      { parameters: inputs, artifacts: {} },
    )
    expect(state).toBe('succeeded')
    const said = items.map((item, i) => [`loop/${i}/say`, { value: item }])
    expect(seen).toEqual({ loop: items, ...Object.fromEntries(said), after: { list: items } })
  })

  test.each([['text'], [{ a: 1 }], [7]])('over %j, which is no list', async value => {
    const tasks = { loop: task('echo', { value: input('l') }, over('suffix', { inputParameter: 'value' })) }
    const { seen, state } = await interpret({ dag: { tasks } }, { echo }, taking('l', value))
    expect([state, seen.loop]).toEqual(['failed', expect.stringContaining('is not a list to go over')])
  })

  test('within loops: items of both, fields of items, one flat list of what was made', async () => {
    const inner = groupOf(
      ['outer', 'row', 'row-q'],
      { say: task('echo', { value: input('row-q'), suffix: input('outer') }) },
      collecting('say'),
    )
    const field = { ...input('row'), parameterExpressionSelector: `${SELECT}["q"]` }
    const outer = groupOf(
      ['outer'],
      {
        inner: task(
          'deep',
          {
            outer: { ...input('outer'), parameterExpressionSelector: `${SELECT}["name"]` },
            rows: { ...input('outer'), parameterExpressionSelector: `${SELECT}["rows"]` },
          },
          over('row', { inputParameter: 'rows' }),
        ),
      },
      collecting('inner'),
    )
    const deep = groupOf(
      ['outer', 'row'],
      { inner: task('inner', { outer: input('outer'), row: input('row'), 'row-q': field }) },
      collecting('inner'),
    )
    const items = [
      { name: 'A', rows: [{ q: '1' }, { q: '2' }] },
      { name: 'B', rows: [{ q: '3' }] },
    ]
    const { seen, outputs } = await interpret(
      {
        dag: {
          tasks: { outer: task('outer', { list: input('l') }, over('outer', { inputParameter: 'list' })) },
          outputs: {
            parameters: {
              all: { valueFromParameter: { producerSubtask: 'outer', outputParameterKey: 'all' } },
            },
          },
        },
      },
      { outer, deep, inner, echo },
      taking('l', items),
    )
    expect(seen['outer/1/inner/0/inner/say']).toEqual({ value: '3', suffix: 'B' })
    expect(outputs.parameters).toEqual({ all: ['1', '2', '3'] })
  })

  test('a list that a task gives stays one item of what is collected', async () => {
    const lists = leaf('echo', [], ['value'], {
      inputDefinitions: { parameters: { value: { parameterType: 'LIST' } } },
    })
    const tasks = { each: task('lists', {}, over('value', { raw: '[[1], [2, 3]]' })) }
    const root = {
      dag: {
        tasks,
        outputs: {
          parameters: {
            all: { valueFromParameter: { producerSubtask: 'each', outputParameterKey: 'value' } },
          },
        },
      },
    }
    const { seen, outputs } = await interpret(root, { lists })
    expect(seen).toEqual({ each: ['[1]', '[2,3]'], 'each/0': { value: [1] }, 'each/1': { value: [2, 3] } })
    expect(outputs.parameters).toEqual({ all: [[1], [2, 3]] })
  })

  test('over artifacts, which arrive one by one and leave as one list', async () => {
    const artifact = (name: string): StoredArtifact => {
      return {
        name,
        type: { schemaTitle: 'system.Dataset', schemaVersion: '0.0.1' },
        uri: name,
        metadata: {},
        digest: null,
      }
    }
    const one = { one: { artifactType: { schemaTitle: 'system.Dataset', schemaVersion: '0.0.1' } } }
    const each = {
      executorLabel: 'echo',
      inputDefinitions: { artifacts: one },
      outputDefinitions: { artifacts: one },
    }
    const tasks = {
      each: task(
        'each',
        {},
        {
          inputs: { artifacts: { all: { componentInputArtifact: 'files' } } },
          artifactIterator: { itemInput: 'one', items: { inputArtifact: 'all' } },
        },
      ),
    }
    const files = [artifact('a'), artifact('b')]
    const root = {
      dag: { tasks, outputs: { artifacts: { out: { artifactSelectors: [{ producerSubtask: 'each' }] } } } },
    }
    const { seen, outputs } = await interpret(root, { each }, { parameters: {}, artifacts: { files } })
    expect(seen.each).toEqual(['a', 'b'])
    expect(outputs.artifacts).toEqual({ out: files })
  })

  test('an iteration that fails fails the loop, when the others have ended; skipped ones give nothing', async () => {
    const condition = "inputs.parameter_values['item'] != 'skip'"
    const loop = groupOf(
      ['item'],
      {
        say: task(
          'echo',
          { value: input('item') },
          { triggerPolicy: { condition: condition.replace('item', 'value') } },
        ),
      },
      collecting('say'),
    )
    const run = (raw: string) => {
      return interpret(
        {
          dag: {
            tasks: {
              loop: task('loop', {}, over('item', { raw })),
              after: task('echo', {}, { dependentTasks: ['loop'] }),
            },
          },
        },
        { loop, echo },
      )
    }
    const failed = await run('["fail", "b"]')
    expect(failed.state).toBe('failed')
    expect(failed.seen).toMatchObject({ 'loop/1/say': { value: 'b' }, after: 'skipped: loop failed' })
    const skipped = await run('["skip", "b"]')
    expect([skipped.state, skipped.seen['loop/0/say']]).toEqual([
      'succeeded',
      'skipped: its condition does not hold',
    ])
  })

  test('no more iterations at a time than the limit', async () => {
    let [now, most] = [0, 0]
    const tasks = {
      each: task(
        'echo',
        {},
        {
          ...over('value', { raw: JSON.stringify(Array(9).fill('x')) }),
          iteratorPolicy: { parallelismLimit: 3 },
        },
      ),
    }
    await runDag(
      {
        ...unlooped,
        spec: specOf({}, { echo }),
        signal: new AbortController().signal,
        async runTask() {
          most = Math.max(most, ++now)
          await new Promise(done => setImmediate(done))
          now--
          return { state: 'succeeded', failing: false, outputs: NO_VALUES }
        },
        onPassedOver: path => expect(path).toBe('never'),
        onFailed: (path, error) => expect([path, error]).toBe('never'),
      },
      { tasks },
      NO_VALUES,
    )
    expect(most).toBe(3)
  })
})

describe('exit handlers', () => {
  const status = leaf('echo', [], [], {
    inputDefinitions: { parameters: { status: { parameterType: 'TASK_FINAL_STATUS', isOptional: true } } },
  })
  const anyway = { triggerPolicy: { strategy: 'ALL_UPSTREAM_TASKS_COMPLETED' as const } }
  const handled = (value: string) => {
    const tasks = {
      'exit-handler-1': task('body'),
      exit: task(
        'status',
        { status: { taskFinalStatus: { producerTask: 'exit-handler-1' } } },
        { dependentTasks: ['exit-handler-1'], ...anyway },
      ),
    }
    const body = groupOf([], {
      first: task('echo', { value: constant(value) }),
      second: task('echo', {}, { dependentTasks: ['first'] }),
    })
    return interpret({ dag: { tasks } }, { body, status, echo })
  }
  const told = { pipelineJobResourceName: 'jobs/id', pipelineTaskName: 'exit-handler-1' }

  test.each([
    ['fine', 'succeeded', { state: 'COMPLETE', error: {} }],
    ['fail', 'failed', { state: 'FAILED', error: { code: 2, message: 'it failed' } }],
    ['stop', 'cancelled', { state: 'CANCELLED', error: {} }],
  ])('%s: the exit task runs, is told how it went, and does not change it', async (value, state, status) => {
    const result = await handled(value)
    expect([result.state, result.seen.exit]).toEqual([state, { status: { ...status, ...told } }])
    if (value === 'stop') expect(result.seen['exit-handler-1/second']).toContain('cancelled')
  })

  test('a stop before the group has begun leaves nothing to clean up', async () => {
    const seen: string[] = []
    const { state } = await runDag(
      {
        ...unlooped,
        spec: specOf({}, { echo }),
        signal: AbortSignal.abort(),
        runTask: ({ path }) => Promise.reject(new Error(path)),
        onPassedOver: (path, state) => void seen.push(`${path} ${state}`),
        onFailed: (path, error) => expect([path, error]).toBe('never'),
      },
      {
        tasks: {
          'exit-handler-1': task('echo'),
          exit: task('echo', {}, { dependentTasks: ['exit-handler-1'], ...anyway }),
        },
      },
      NO_VALUES,
    )
    expect([state, seen]).toEqual(['cancelled', ['exit-handler-1 cancelled', 'exit cancelled']])
  })

  test('a group is tried again as its policy says', async () => {
    const body = groupOf([], { say: task('echo', { value: constant('fail') }) })
    const retryPolicy = { maxRetryCount: 2, backoffDuration: '0.01s', backoffFactor: 2 }
    const { state, seen } = await interpret(
      { dag: { tasks: { body: task('body', {}, { retryPolicy }) } } },
      { body, echo },
    )
    expect([state, seen['body again']]).toEqual(['failed', 0.02])
  })
})

test('texts may name the job and the task', async () => {
  const value = constant(
    '{{$.pipeline_job_name}} {{$.pipeline_task_name}} {{$.pipeline_task_uuid}} {{$.pipeline_nothing}}',
  )
  const group = groupOf([], { say: task('echo', { value }) })
  const { seen } = await interpret({ dag: { tasks: { group: task('group') } } }, { group, echo })
  expect(seen['group/say']).toEqual({ value: 'job echo id/group/say {{$.pipeline_nothing}}' })
})

describe('what a container is started with', () => {
  const artifacts = (path: string, metadata = {}) => ({ artifacts: [{ name: 'a', uri: path, metadata }] })
  const input: ExecutorInput = {
    inputs: {
      parameterValues: { text: 'it\'s "q" {{$}}', n: 2, nothing: null },
      artifacts: { data: artifacts('/in', { rows: 5 }), none: { artifacts: [] } },
    },
    outputs: {
      parameters: { out: { outputFile: '/out/p' } },
      artifacts: { model: artifacts('/out/model') },
      outputFile: '/out/x.json',
    },
  }
  const scope = { input, constants: { pipeline_job_name: 'job' } }
  const text = "{{$.inputs.parameters['text']}}"

  test.each<[string, string[]]>([
    ['--plain', ['--plain']],
    ['{{$}}', [JSON.stringify(input)]],
    [`<${text}>`, ['<it\'s "q" {{$}}>']],
    ["{{$.inputs.parameters['n']}}", ['2']],
    ["{{$.inputs.artifacts['data'].path}}/{{$.inputs.artifacts['data'].metadata['rows']}}", ['/in/5']],
    ["{{$.outputs.artifacts['model'].uri}}/0 {{$.outputs.artifacts['model'].metadata}}", ['/out/model/0 {}']],
    ["{{$.outputs.parameters['out'].output_file}} {{$.outputs.output_file}}", ['/out/p /out/x.json']],
    ['{{$.pipeline_job_name}} {{$.unknown}} {{x}}', ['job {{$.unknown}} {{x}}']],
    [
      `{"Concat": ["a-", "${text}", {"IfPresent": {"InputName": "nothing", "Then": "x", "Else": "y"}}]}`,
      ['a-it\'s "q" {{$}}y'],
    ],
    [`{"IfPresent": {"InputName": "text", "Then": ["--t", "${text}"]}}`, ['--t', 'it\'s "q" {{$}}']],
    ['{"IfPresent": {"InputName": "nothing", "Then": ["--t"]}}', []],
    [
      '{"IfPresent": {"InputName": "none", "Then": "yes", "Else": ["no", {"Concat": ["w", "ay"]}]}}',
      ['no', 'way'],
    ],
    ['{"IfPresent": {"InputName": "data", "Then": "yes"}}', ['yes']],
    // What only looks like one is text.
    ...['{"Concat": 5}', '{"Concat": [["a"]]}', '{"IfPresent": {"InputName": ["data"], "Then": "yes"}}'].map(
      (word): [string, string[]] => [word, [word]],
    ),
    ['{"IfPresent": {"InputName": "constructor", "Then": "yes", "Else": "no"}}', ['no']],
    ['{"Concat": not json', ['{"Concat": not json']],
    ['{"other": "{{$.pipeline_job_name}}"}', ['{"other": "job"}']],
  ])('%s', (word, expected) => expect(commandLine([word], scope)).toEqual(expected))

  test.each(["{{$.inputs.parameters['gone']}}", "{{$.inputs.artifacts['none'].uri}}"])(
    '%s has no value',
    word => {
      expect(() => commandLine([word], scope)).toThrow(expect.objectContaining({ code: 'invalid-pipeline' }))
    },
  )

  const job: ContainerJob = { name: 'n', image: 'i', words: [], env: [], reads: [], writes: [] }
  test.each([
    ['docker', [1000, 50], ['--user', '1000:50', '--env', 'HOME=/tmp']],
    ['podman', [1000, 50], ['--userns', 'keep-id', '--env', 'HOME=/tmp']],
    ['docker', [0, 0], []],
  ] as const)('%s, for user %p', (command, user, expected) => {
    const words = runArguments({ command }, job, user)
    expect(words.slice(words.indexOf('no-new-privileges') + 1)).toEqual([...expected, 'i'])
  })

  test('paths with commas and quotes are mounted as they are', () => {
    const paths = {
      ...job,
      words: ['sh', '-c', 'x'],
      env: [{ name: 'A', value: 'b c' }],
      reads: ['/a,"b"'],
      writes: ['/w'],
    }
    const words = runArguments({ command: 'docker' }, paths)
    expect(words).toContain('type=bind,"source=/a,""b""","target=/a,""b""",readonly')
    expect(words.slice(-8)).toEqual([
      'type=bind,source=/w,target=/w',
      '--env',
      'A=b c',
      '--entrypoint',
      'sh',
      'i',
      '-c',
      'x',
    ])
  })
})

describe('before anything starts', () => {
  const stages = loadStages([new URL('../support/stages/index.ts', import.meta.url).href])

  test('everything that stands against a run here is named at once', async () => {
    const foreign = { container: { image: 'python:3.11', command: ['sh', '-c', 'rm -rf /'] } }
    const impostor = {
      container: { ...containerOf({ name: 'echo' }), command: ['pressroom', '--eval', 'x'] },
    }
    const tasks: Record<string, TaskSpec> = {
      foreign: task('foreign'),
      impostor: task('impostor'),
      unknown: task('unknown'),
      escape: task('escape'),
      option: task('option'),
      fetch: task('fetch'),
      loop: task('echo', {}, { parameterIterator: { itemInput: 'value', items: { raw: '{}' } } }),
      'loop-2': task('echo', {}, { parameterIterator: { itemInput: 'gone', items: { raw: '[1]' } } }),
      'loop-3': task(
        'echo',
        {},
        { artifactIterator: { itemInput: 'gone', items: { inputArtifact: 'gone' } } },
      ),
      'exit-handler-1': task('group'),
      status: task('echo', { value: { taskFinalStatus: { producerTask: 'gone' } } }),
      'chicken-1': task('echo', {}, { dependentTasks: ['egg'] }),
      egg: task('echo', {}, { dependentTasks: ['chicken-1'] }),
      '../../up': task('echo'),
      astray: task(
        'echo',
        { value: output('loop', 'nothing'), suffix: input('nothing') },
        { dependentTasks: ['gone'] },
      ),
      when: task('echo', {}, { triggerPolicy: { condition: '1 +' } }),
      select: task('echo', { value: { ...constant('x'), parameterExpressionSelector: 'x.y' } }),
      lost: task('not-there'),
      endless: task('endless'),
      other: task('other'),
    }
    const components = {
      echo,
      foreign: leaf('foreign', []),
      impostor: leaf('impostor', []),
      unknown: leaf('unknown', []),
      escape: leaf('escape', [], ['../../up']),
      option: leaf('option', []),
      fetch: leaf('fetch', []),
      group: { dag: { tasks: { inside: task('foreign') } } },
      endless: { dag: { tasks: { again: task('endless') } } },
      other: { ...leaf('echo', ['worth'], ['value']) },
    }
    const importer = {
      importer: {
        artifactUri: { constant: 'hdfs://x' },
        typeSchema: { schemaTitle: 'system.Dataset', schemaVersion: '0.0.1' },
      },
    }
    const spec = specOf({ dag: { tasks } }, components, {
      foreign,
      impostor,
      escape: foreign,
      option: { container: { image: '--volume=/:/host' } },
      fetch: importer,
    })
    const known = await stages
    const error = (() => {
      try {
        planRun(spec, known, false)
      } catch (error) {
        return error as { code: string; where: string; fix: string }
      }
      return undefined
    })()
    expect(error?.code).toBe('invalid-pipeline')
    expect(error?.fix).toBe(
      'start docker or podman, which run other images; a command that a file names never runs outside a container',
    )
    expect(error?.where.split('\n  ').toSorted()).toEqual(
      [
        `foreign: it starts sh -c rm -rf / in python:3.11`,
        `impostor: it starts pressroom --eval x echo --executor_input {{$}} in ${containerOf({ name: '' }).image}`,
        'option: its image "--volume=/:/host" is not the name of one',
        'escape: its output "../../up" cannot name a file',
        `unknown: there is no stage "unknown" in this release`,
        'fetch: it imports hdfs://x: only files, gs:// and s3:// addresses can be brought here',
        'loop: it goes over what is not a JSON list',
        'loop-2: what it goes over comes from "gone", which is not there',
        'loop-3: what it goes over comes from "gone", which is not there',
        `exit-handler-1/inside: it starts sh -c rm -rf / in python:3.11`,
        'status: it waits for "gone", which is not there',
        'chicken-1: waits for itself, perhaps through others',
        'egg: waits for itself, perhaps through others',
        '../../up: its name is not one of letters, digits, - and _',
        'astray: it waits for "gone", which is not there',
        'astray: its input "value" comes from "nothing", which is not there',
        'astray: its input "suffix" comes from "nothing", which is not there',
        'when: its condition 1 + is wrong: Unexpected token: EOF',
        'select: its input "value" is selected by x.y, which this machine does not understand',
        'lost: there is no component "not-there"',
        'endless/again: its component contains itself',
        'other: stage echo has no worth; compile the pipeline again with this release',
      ].toSorted(),
    )
  })

  const root = (parameters: Record<string, InputParameterSpec>): ReturnType<typeof specOf> => {
    return specOf({ inputDefinitions: { parameters } }, {})
  }
  const spec = root({
    source: { parameterType: 'STRING', description: 'The rows.' },
    seed: { parameterType: 'NUMBER_INTEGER', defaultValue: 7, isOptional: true },
    share: { parameterType: 'NUMBER_DOUBLE', isOptional: true },
    sizes: { parameterType: 'LIST', isOptional: true },
    kind: { parameterType: 'STRING', literals: ['a', 'b'], defaultValue: 'a', isOptional: true },
  })

  test('parameters are bound, defaults filled in', () => {
    expect(bindParameters(spec, { source: 'x', share: 1, sizes: [1] })).toEqual({
      source: 'x',
      seed: 7,
      share: 1,
      sizes: [1],
      kind: 'a',
    })
  })

  test.each([
    [{}, '"source" is missing: The rows.'],
    [{ source: 'x', sead: 1 }, '"sead" is not an input of the pipeline; did you mean "seed"?'],
    [{ source: 'x', zzzzzzzz: 1 }, 'it has source, seed, share, sizes, kind'],
    [{ source: 5 }, '"source" must be a string, not 5'],
    [{ source: 'x', seed: '7' }, '"seed" must be a whole number, not "7"'],
    [{ source: 'x', seed: 2.5 }, '"seed" must be a whole number, not 2.5'],
    [{ source: 'x', share: null }, '"share" must be a number, not null'],
    [{ source: 'x', sizes: '[1]' }, '"sizes" must be a list, not "[1]"'],
    [{ source: 'x', kind: 'c' }, '"kind" must be one of "a", "b"'],
    [{ seed: true, kind: 1 }, '3 inputs are wrong'],
  ])('%j is refused', (values, why) => {
    expect(() => bindParameters(spec, values)).toThrow(
      expect.objectContaining({ code: 'invalid-parameter', message: expect.stringContaining(why) }),
    )
  })
})

const GOLDENS = fileURLToPath(new URL('../../../shared/kfp-goldens/', import.meta.url))
const goldens = ['full', 'structure'].flatMap(kind => {
  const folder = join(GOLDENS, kind)
  return existsSync(folder) ? readdirSync(folder).map(file => [file, join(folder, file)] as const) : []
})

/** Of pipelines that are meant to fail, or cannot run here: how they end, or why they do not begin. */
const OTHER_ENDS: Readonly<Record<string, string>> = {
  'pipeline_as_exit_task.yaml': 'failed',
  'pipeline_with_multiple_exit_handlers.yaml': 'failed',
  'pipeline_with_volume.yaml': 'it makes or deletes a Kubernetes volume',
}

const shown = goldens.length > 0 ? describe : describe.skip
shown('every pipeline of the Python SDK', () => {
  const given: Readonly<Record<string, Json>> = {
    STRING: 'x',
    NUMBER_INTEGER: 3,
    NUMBER_DOUBLE: 0.5,
    BOOLEAN: true,
    LIST: ['a', 'b'],
    STRUCT: { a: 1, b: 'c' },
  }
  /** What a component's containers give, artifacts as files that are not there: nothing reads them. */
  function play({ component, inputs, path }: TaskCall, spec: PipelineSpec): Values {
    const { container } = spec.deploymentSpec?.executors[component.executorLabel ?? ''] ?? {}
    const words = [...(container?.command ?? []), ...(container?.args ?? [])]
    const python = words[words.indexOf('--function_to_execute') + 1]
    const texts = Object.entries(inputs.artifacts).map(([name, list]) => [name, list.map(each => each.uri)])
    const value =
      words.includes('--function_to_execute') && python !== undefined
        ? played(python)(inputs.parameters, Object.fromEntries(texts))
        : undefined
    const { parameters = {}, artifacts = {} } = component.outputDefinitions ?? {}
    return {
      parameters: Object.fromEntries(
        Object.entries(parameters).map(([name, { parameterType }]) => [
          name,
          (value ?? given[parameterType]) as Json,
        ]),
      ),
      artifacts: Object.fromEntries(
        Object.entries(artifacts).map(([name, { artifactType: type }]) => [
          name,
          [{ name, type, uri: `file:///${path}/${name}`, metadata: {}, digest: null } as StoredArtifact],
        ]),
      ),
    }
  }

  test.each(goldens)('%s', async (file, path) => {
    const spec = loadAll(await readFile(path, 'utf8'))[0] as PipelineSpec
    const other = OTHER_ENDS[file]
    if (other !== undefined && other !== 'failed') {
      expect(() => planRun(spec, new Map(), true)).toThrow(other)
      return
    }
    const planned = planRun(spec, new Map(), true)
    await using folder = await tempFolder()
    const told = new Map<string, string>()
    const loops = new Set<string>()
    const interpreter: Interpreter = {
      spec,
      signal: new AbortController().signal,
      constants: { workspace_path: folder.path },
      async runTask(call) {
        try {
          const outputs = play(call, spec)
          told.set(call.path, 'ran')
          return { state: 'succeeded', failing: false, outputs }
        } catch (error) {
          told.set(call.path, 'failed')
          return { state: 'failed', failing: true, outputs: NO_VALUES, error: asPressroomError(error) }
        }
      },
      onPassedOver: (path, state, why) => told.set(path, `${state}: ${why}`),
      onFailed: (path, error) => {
        throw new Error(path, { cause: error })
      },
      onLoop: path => loops.add(path),
      onRetry: () => {},
    }
    const { parameters = {} } = spec.root.inputDefinitions ?? {}
    const wanted = Object.entries(parameters).filter(([, each]) => !each.isOptional)
    const values = Object.fromEntries(
      wanted.map(([name, { parameterType }]) => [name, given[parameterType] as Json]),
    )
    const { artifacts = {} } = spec.root.inputDefinitions ?? {}
    if (Object.values(artifacts).some(({ isOptional }) => !isOptional)) {
      // What follows gives it one all the same.
      expect(() => bindParameters(spec, values)).toThrow(
        /^\S+ "input3" is an artifact, which a run cannot be given$/,
      )
    }
    const files = Object.entries(artifacts).map(([name, { artifactType: type }]) => {
      return [name, [{ name, type, uri: 'file:///given', metadata: {}, digest: null } as StoredArtifact]]
    })
    const withoutArtifacts = { ...spec, root: { ...spec.root, inputDefinitions: { parameters } } }
    const inputs = {
      parameters: bindParameters(withoutArtifacts, values),
      artifacts: Object.fromEntries(files),
    }
    const outcome = await runDag(interpreter, spec.root.dag ?? {}, inputs)
    expect(outcome.state).toBe(other ?? 'succeeded')
    // Each task ran, or is in a group that was told to be passed over.
    const seen = [...told.keys()].map(each => withoutIterations(each, loop => loops.has(loop)))
    const lost = planned.filter(
      ({ task: each }) => !seen.some(one => each === one || each.startsWith(`${one}/`)),
    )
    expect(lost.map(({ task: each }) => each)).toEqual([])
  })
})
