import { describe, expect, test } from '@jest/globals'
import { compile, compileDocuments } from '../../pipelines/compiler/index.ts'
import {
  type AnyPipeline,
  artifactList,
  choice,
  collect,
  container,
  each,
  format,
  ifPresent,
  importer,
  integer,
  kubernetes,
  type ListReference,
  list,
  onExit,
  type ParameterReference,
  pipeline,
  run,
  struct,
  text,
  when,
} from '../../pipelines/index.ts'
import type { PipelineSpec } from '../../pipelines/specification.ts'
import * as fc from '../support/properties.ts'
import { coin, eat, feast, gather, lister, num, op, sink, weigh } from './goldens/steps.ts'
import { danglingReferences } from './references.ts'

const words = list({ help: '', of: 'string' })

function tasksOf(spec: PipelineSpec, component?: string) {
  return (component === undefined ? spec.root : spec.components?.[component])?.dag?.tasks ?? {}
}

describe('what the Python SDK gets wrong', () => {
  test('items of loops go into formatted text', () => {
    const spec = compile(
      pipeline({ name: 'text', inputs: { words } }, ({ words }) => {
        each(words, word => {
          each([{ a: 'x', b: 1 }], ({ a, b }) => {
            when(b.is(1), () => {
              sink({ word: format`${word}: ${a}` })
            })
          })
        })
      }),
    )
    expect(danglingReferences(spec)).toEqual([])
    expect(tasksOf(spec, 'comp-condition-4').sink?.inputs?.parameters).toEqual({
      word: {
        runtimeValue: {
          constant:
            "{{$.inputs.parameters['pipelinechannel--words-loop-item']}}: " +
            "{{$.inputs.parameters['pipelinechannel--loop-item-param-2-subvar-a']}}",
        },
      },
      'pipelinechannel--words-loop-item': { componentInputParameter: 'pipelinechannel--words-loop-item' },
      'pipelinechannel--loop-item-param-2-subvar-a': {
        componentInputParameter: 'pipelinechannel--loop-item-param-2',
        parameterExpressionSelector: 'parseJson(string_value)["a"]',
      },
    })
  })

  test('the item of loop 1 reaches loop 1x inside it, through the groups between', () => {
    const spec = compile(
      pipeline({ name: 'far', inputs: { word: text('') } }, ({ word }) => {
        each(['a', 'b'], outer => {
          for (let i = 0; i < 8; i++) {
            when(word.is(`${i}`), () => {
              op({ word })
            })
          }
          when(word.is('last'), () => {
            each([1], () => {
              op({ word: outer })
            })
          })
        })
      }),
    )
    expect(danglingReferences(spec)).toEqual([])
    const inner = Object.keys(spec.components!).findLast(name => name.startsWith('comp-for-loop-1'))!
    expect(spec.components?.[inner]?.inputDefinitions?.parameters).toHaveProperty([
      'pipelinechannel--loop-item-param-1',
    ])
  })

  test('two loops over one list, one in the other, keep their items apart', () => {
    const spec = compile(
      pipeline({ name: 'twice', inputs: { words } }, ({ words }) => {
        each(words, outer => {
          each(words, inner => {
            op({ word: outer })
            op({ word: inner })
          })
        })
      }),
    )
    expect(danglingReferences(spec)).toEqual([])
    const given = Object.values(tasksOf(spec, 'comp-for-loop-2')).map(
      ({ inputs }) => inputs?.parameters?.word,
    )
    expect(given).toEqual([
      { componentInputParameter: 'pipelinechannel--words-loop-item' },
      { componentInputParameter: 'pipelinechannel--words-loop-item-2' },
    ])
  })

  test('the item of an untyped list has the kind that its takers want', () => {
    const kinds = [false, true].map(asText => {
      const spec = compile(
        pipeline({ name: 'kinds', inputs: { l: list('') } }, ({ l }) => {
          each(l, item => {
            num({ n: item })
            if (asText) sink({ word: item })
          })
        }),
      )
      const inputs = spec.components?.['comp-for-loop-1']?.inputDefinitions?.parameters
      return inputs?.['pipelinechannel--l-loop-item']?.parameterType
    })
    expect(kinds).toEqual(['NUMBER_INTEGER', 'STRING'])
  })

  test('whole numbers of a literal list go where any number goes', () => {
    const spec = compile(
      pipeline({ name: 'numbers' }, () => {
        each([1, 2], share => {
          weigh({ share, extra: {} })
        })
      }),
    )
    expect(danglingReferences(spec)).toEqual([])
    expect(tasksOf(spec)['for-loop-2']?.parameterIterator?.items).toEqual({ raw: '[1, 2]' })
  })

  test('a loop waits for its list, a task in a group for its resources', () => {
    const spec = compile(
      pipeline({ name: 'waits' }, () => {
        const { l } = lister()
        const cpu = op({ word: 'cpu' }).out
        when(coin().face.is('heads'), () => {
          each(l, () => {
            sink({ word: 'a' }).cpu(cpu)
          })
        })
      }),
    )
    expect(danglingReferences(spec)).toEqual([])
    expect(tasksOf(spec)['condition-1']?.dependentTasks).toEqual(['coin', 'lister', 'op'])
  })

  test('artifacts are collected into a group, and out of branches', () => {
    const spec = compile(
      pipeline({ name: 'collected', inputs: { words } }, ({ words }) => {
        const { out } = each(words, word =>
          when(word.is('a'), () => ({ out: coin().out })).otherwise(() => ({ out: coin().out })),
        )
        when(coin().face.is('heads'), () => {
          feast({ ds: out })
        })
      }),
    )
    expect(danglingReferences(spec)).toEqual([])
    const { artifacts } = spec.components?.['comp-condition-5']?.inputDefinitions ?? {}
    expect(Object.values(artifacts ?? {})).toEqual([
      { artifactType: { schemaTitle: 'system.Dataset', schemaVersion: '0.0.1' }, isArtifactList: true },
    ])
  })

  test('pipelines that bring the same names keep every task its own executor', () => {
    const inner = pipeline({ name: 'inner' }, () => {
      op({ word: 'a' })
      sink({ word: 'b' })
      op({ word: 'c' })
    })
    const spec = compile(
      pipeline({ name: 'outer' }, () => {
        op({ word: '0' })
        inner()
        inner()
      }),
    )
    expect(danglingReferences(spec)).toEqual([])
    const labels = Object.values(spec.components ?? {}).flatMap(({ executorLabel }) => executorLabel ?? [])
    expect(labels).toHaveLength(7)
    expect(new Set(labels).size).toBe(7)
  })
})

test('choices are enforced by the server where that is asked for, and said in words elsewhere', () => {
  const choices = ['a', 'b'] as const
  const pick = container(
    {
      name: 'pick',
      inputs: {
        one: choice(choices, { help: 'One.', enforced: true }),
        other: choice(choices, { help: 'Other.' }),
      },
    },
    () => ({ image: 'alpine', command: ['true'] }),
  )
  const spec = compile(
    pipeline({ name: 'choices' }, () => {
      pick({ one: 'a', other: 'b' })
    }),
  )
  expect(spec.components?.['comp-pick']?.inputDefinitions?.parameters).toEqual({
    one: { parameterType: 'STRING', literals: ['a', 'b'], description: 'One. One of: a, b.' },
    other: { parameterType: 'STRING', description: 'Other. One of: a, b.' },
  })
})

test('parts of structs and lists are selected by key and by position', () => {
  const spec = compile(
    pipeline({ name: 'parts', inputs: { map: struct('') } }, ({ map }) => {
      sink({ word: map.at('a').at('b "c"').at(0) })
      when(map.at('n').isMore(1.5), () => {
        num({ n: map.at('m', 'integer') })
      })
    }),
  )
  expect(danglingReferences(spec)).toEqual([])
  expect(tasksOf(spec).sink?.inputs?.parameters?.word).toEqual({
    componentInputParameter: 'map',
    parameterExpressionSelector: 'parseJson(string_value)["a"]["b \\"c\\""][0]',
  })
  expect(tasksOf(spec)['condition-1']?.triggerPolicy?.condition).toBe(
    "inputs.parameter_values['pipelinechannel--map-subvar-n'] > 1.5",
  )
})

test('init containers and affinities are written as Kubernetes has them', () => {
  const made = pipeline({ name: 'pods' }, () => {
    kubernetes(sink({ word: 'a' }), {
      initContainers: [
        {
          name: 'fetch',
          image: 'busybox',
          command: ['sh'],
          args: ['-c', 'true'],
          env: { A: 'b' },
          mounts: { scratch: '/scratch' },
          sidecar: true,
          requests: { cpu: '1' },
          limits: { memory: '1Gi' },
        },
      ],
      nodeAffinity: [{ json: {} }],
    })
  })
  const { platform } = compileDocuments(made)
  expect(platform?.platforms.kubernetes?.deploymentSpec?.executors['exec-sink']).toEqual({
    initContainers: [
      {
        name: 'fetch',
        image: 'busybox',
        command: ['sh'],
        args: ['-c', 'true'],
        env: [{ name: 'A', value: 'b' }],
        volumeMounts: [{ volumeName: 'scratch', mountPath: '/scratch' }],
        restartPolicy: 'Always',
        resources: { limits: { memory: '1Gi' }, requests: { cpu: '1' } },
      },
    ],
    nodeAffinity: [{ nodeAffinityJson: { runtimeValue: { constant: {} } } }],
  })
})

test('settings that Kubernetes would refuse are reported', () => {
  const faulty = pipeline({ name: 'faulty', deadline: -1, workspace: { size: 'big' } }, () => {
    kubernetes(sink({ word: 'a' }), {
      timeout: 1.5,
      securityContext: { user: -1 },
      nodeAffinity: [{ weight: 101 }],
      volumes: [{ claim: 'c', path: 'a:b' }],
      initContainers: [{ name: 'kfp-launcher', image: '' }],
    })
  })
  expect(() => compile(faulty)).toThrow(/8 problems/)
})

test('a pipeline describes its outputs itself, and only those that it returns', () => {
  const told = container(
    { name: 'told', inputs: { word: text('A word.') }, outputs: { out: text('What was said.') } },
    ({ inputs, outputs }) => ({ image: 'alpine', command: ['x', inputs.word, outputs.out.file] }),
  )
  const described = (outputs: Record<string, string>) =>
    pipeline({ name: 'described', outputs }, () => {
      const { out } = told({ word: 'a' })
      return { kept: out, plain: out }
    })
  expect(compile(described({ kept: 'What is kept.' })).root.outputDefinitions?.parameters).toEqual({
    kept: { parameterType: 'STRING', description: 'What is kept.' },
    plain: { parameterType: 'STRING' },
  })
  expect(() => compile(described({ lost: 'What never comes.' }))).toThrow(
    /outputs\.lost +is described but never returned/,
  )
})

test('a loop in a pipeline in a loop in a branch is sound', () => {
  const inner = pipeline({ name: 'inner', inputs: { words } }, ({ words }) => {
    const status = onExit(sink({ word: 'exit' }), () => {
      each(words, word => {
        op({ word })
      })
    })
    sink({ word: 'after' }).after(status)
  })
  const spec = compile(
    pipeline({ name: 'outer', inputs: { words, go: text('') } }, ({ words, go }) => {
      when(go.is('a'), () => {
        each(['x', 'y'], () => {
          inner({ words })
        })
      })
        .elseWhen(go.is('b'), () => {})
        .otherwise(() => {
          inner({ words }).named('Once')
        })
    }),
  )
  expect(danglingReferences(spec)).toEqual([])
})

describe('a random pipeline of groups in groups', () => {
  const kinds = ['call', 'when', 'chain', 'each', 'literal', 'collect', 'nested', 'exit', 'close'] as const
  const step = fc.record({ kind: fc.constantFrom(...kinds), pick: fc.nat() })
  interface Scope {
    readonly words: ParameterReference<'string'>[]
    readonly lists: ListReference<'string'>[]
  }

  const body = (queue: { kind: (typeof kinds)[number]; pick: number }[], outer: Scope, depth = 0) => {
    const scope: Scope = { words: [...outer.words], lists: [...outer.lists] }
    const inside = (word?: ParameterReference<'string'>) => {
      return body(queue, { ...scope, words: [...scope.words, ...(word ? [word] : [])] }, depth + 1)
    }
    let last = op({ word: 'first' })
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const word = scope.words[next.pick % scope.words.length]!
      const list = scope.lists[next.pick % scope.lists.length]!
      switch (next.kind) {
        case 'close':
          return last.out
        case 'call':
          last = op({ word: format`${word}!` }).after(last)
          scope.words.push(last.out)
          gather({ words: list })
          break
        case 'when':
          when(word.is('a'), () => {
            inside()
          })
          break
        case 'chain': {
          const { out } = when(word.is('a'), () => ({ out: inside() }))
            .elseWhen(word.isNot('b'), () => ({ out: inside() }))
            .otherwise(() => ({ out: inside() }))
          scope.words.push(out)
          break
        }
        case 'each':
          each(list, item => {
            inside(item)
          })
          break
        case 'literal':
          each([{ a: 'x' }, { a: 'y' }], item => {
            inside(item.a)
          })
          break
        case 'collect':
          scope.lists.push(each(list, item => ({ out: inside(item) })).out)
          break
        case 'nested': {
          const inner = pipeline({ name: 'inner', inputs: { word: text(''), words } }, inputs => {
            return { out: body(queue, { words: [inputs.word], lists: [inputs.words] }) }
          })
          scope.words.push(inner({ word, words: list }).out)
          break
        }
        case 'exit':
          if (depth > 0) break
          last = op({ word: 'then' }).after(
            onExit(sink({ word: 'exit' }), () => {
              inside()
            }),
          )
      }
    }
    return last.out
  }

  test('refers only to what is there, with its type', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), steps => {
        const spec = compile(
          pipeline({ name: 'random', inputs: { word: text(''), words } }, inputs => ({
            out: body([...steps], { words: [inputs.word], lists: [inputs.words] }),
          })),
        )
        expect(danglingReferences(spec)).toEqual([])
      }),
    )
  })
})

describe('faults', () => {
  test('of groups are reported all at once, those of pipelines inside among them', () => {
    const inner = pipeline({ name: 'inner' }, () => {
      sink({} as never)
      sink({ word: 3 as never })
    })
    const faulty = pipeline({ name: 'faulty', inputs: { words, go: text('') } }, ({ words, go }) => {
      inner()
      let stray!: ReturnType<typeof op>
      each(words, word => {
        stray = op({ word })
        return { word }
      })
      sink({ word: stray.out })
      each([], () => {})
      each(go as never, () => {}, { parallelism: -1 })
      const mixed = when(go.is('a'), () => ({ x: op({ word: 'a' }).out })).otherwise(
        () => ({ x: coin().n }) as never,
      )
      sink({ word: mixed.x })
      const outside = op({ word: 'b' })
      const same = when(go.is('b'), () => ({ x: outside.out })).otherwise(() => ({ y: outside.out }) as never)
      sink({ word: same.x })
      when(go.is('c'), () => {
        onExit(sink({ word: 'exit' }), () => {})
      })
      const exit = op({ word: outside.out })
      onExit(exit, () => {})
      sink({ word: exit.out }).after(exit)
      eat({ d: coin().out })
        .env({ '1A': 'b', B: go as never })
        .accelerator('', 1.5)
      inner().cpu('1')
      weigh({ share: 1, extra: { a: coin().out } as never })
      num({ n: format`1` as never })
      const collected = each(words, word => ({ word }))
      gather({ words: collected.word })
    })
    expect(() => compile(faulty)).toThrowErrorMatchingInlineSnapshot(`
"pipeline "faulty" has 21 problems
  inner: sink.word              is not given                                                       pass a value or the output of another task
  inner: sink-2.word            must be a string, not 3                                            correct the value
  eat.accelerator()             cannot take 1.5 of them                                            give a whole number
  eat.accelerator()             "" is no name                                                      give its name, or a reference to it
  eat.env()                     "1A" is no name for a variable                                     use letters, digits and _
  eat.env()                     "B" is no text known now, and no back end fills variables in       give text; pass what the run brings to an input
  inner-2                       is no single container, so it has no resources, image, variables or volumes   set them on the tasks inside
  each() of for-loop-3          goes over an empty list                                            give one item at least, or leave the loop out
  each() of for-loop-4          cannot run -1 iterations at one time                               give a whole number, 0 for no limit
  each() of for-loop-4          goes over a string, "go"                                           give a list
  onExit() of exit-handler-12   stands inside another group                                        move it to the outermost level, or into a pipeline
  sink.word                     uses op, which is there once for each item of a loop               return it from the body of each()
  when() of condition-7         hands out an integer where the first branch hands out a string     return outputs of the same kind from every branch
  when() of condition-9         hands out "out", which no task directly in it makes                return outputs of its own tasks
  when() of condition-10        does not hand out what the first branch of condition-branches-8 does   return outputs of the same names from every branch
  op-4.word                     uses "out", which may not be there on exit                         pass the pipeline's own inputs, or constants
  sink-5.word                   uses op-4, which runs on exit, after all else                      let nothing depend on an exit task
  weigh.extra                   holds "out", an artifact                                           put only parameters into a constant
  num.n                         takes an integer, not formatted text                               correct the value
  each() of for-loop-14         hands out "words-loop-item", which no task in it makes             return outputs of its tasks
  sink-5.after()                uses op-4, which runs on exit, after all else                      let nothing depend on an exit task"
`)
  })

  test.each<[RegExp, () => unknown]>([
    [/pipeline "itself" calls itself/, () => compile(itself)],
    [/onExit\(\) was given no task called in the same place/, () => compile(exitTwice)],
    [/otherwise\(\) does not belong to a when\(\) here/, () => compile(strayElse)],
    [/formatted text was used as text/, () => `${format`a` as never}`],
    [/collect\(\) was given a chain of several branches/, () => compile(collectedChain)],
    [/collect\(\) was given no when\(\)/, () => collect({} as never)],
    [/when\(\) of condition-1 +hands out "go", which no task in it makes/, () => compile(collectedInput)],
  ])('%s', (message, call) => {
    expect(call).toThrow(message)
  })

  const collectedChain = pipeline({ name: 'chain', inputs: { go: text('') } }, ({ go }) => {
    collect(when(go.is('a'), () => {}).elseWhen(go.is('b'), () => {}))
  })
  const collectedInput = pipeline({ name: 'input', inputs: { go: text('') } }, ({ go }) => {
    const { out } = collect(when(go.is('a'), () => ({ out: go })))
    gather({ words: out })
  })
  const itself: AnyPipeline = pipeline({ name: 'itself' }, () => {
    ;(itself as unknown as () => void)()
  })
  const exitTwice = pipeline({ name: 'twice' }, () => {
    const exit = sink({ word: 'a' })
    onExit(exit, () => {})
    onExit(exit, () => {})
  })
  const strayElse = pipeline({ name: 'stray', inputs: { go: text('') } }, ({ go }) => {
    const branches = when(go.is('a'), () => {})
    when(go.is('b'), () => {
      branches.otherwise(() => {})
    })
  })
})

describe('targets', () => {
  const awkward = pipeline(
    {
      name: 'awkward',
      inputs: { maybe: text({ help: '', optional: true }), tables: artifactList('dataset', '') },
      workspace: { size: '1Gi' },
    },
    ({ maybe, tables }) => {
      when(maybe.is('a'), () => {})
      sink({ word: format`${maybe} of ${run.jobName}` })
      each(tables, d => {
        eat({ d })
      })
      importer({ uri: op({ word: run.pipelineRoot }).out, type: 'model' })
      importer({ uri: 'https://example.org/model', type: 'model' })
      sink({ word: run.workspacePath }).retry(1, { factor: 1.5 })
      kubernetes(weigh({ share: 1, extra: {} }), {
        tolerations: [{ key: 'k', seconds: 5 }],
      })
      sink({ word: 'a' }).retry(2)
      importer({ uri: 'gs://a/b', type: 'model', metadata: { from: op({ word: 'b' }).out } })
      container({ name: 'say', inputs: { a: text({ optional: true, help: 'A.' }) } }, ({ inputs }) => ({
        image: 'alpine',
        command: ['echo', inputs.a],
      }))({})
      container({ name: 'silent', inputs: { n: integer('') } }, () => ({ image: 'alpine' }))({ n: 1 })
    },
  )

  test('nothing is refused without one, and all of it is warned of', () => {
    const { warnings, platform } = compileDocuments(awkward)
    expect(platform).toBeDefined()
    expect(
      warnings.map(({ where, targets, what }) => `${where} [${targets}] ${what}`),
    ).toMatchInlineSnapshot(`
[
  "condition-1 [kubeflow] needs "maybe", which may be left out",
  "for-loop-2 [kubeflow] goes over a list of artifacts",
  "sink [kubeflow] puts what is known of the run into other text, "word"",
  "sink [kubeflow] needs "maybe", which may be left out",
  "op [kubeflow] takes the pipeline's root as "word"",
  "importer [kubeflow] imports from where another task says",
  "importer-2 [kubeflow] imports over HTTP",
  "sink-2 [vertex] takes the path of a workspace as "word"",
  "sink-2 [kubeflow] waits 1.5 times as long each time",
  "sink-3 [kubeflow] tries a container again, which the open-source back end does for lost pods, not for one that ends with an error",
  "importer-3 [kubeflow] gives an imported artifact metadata from inputs, which stay placeholders",
  "say [kubeflow] has "a" in its command line and is not given it",
  "exec-weigh [kubeflow] has text put together by concat()",
  "exec-silent [kubeflow] has no command, and an image says its own to Vertex AI alone",
  "kubernetes() of exec-weigh [vertex] is set for Kubernetes alone: Vertex AI reads one document",
  "kubernetes() of exec-weigh [kubeflow] bears a taint for some seconds that evicts nothing",
  "awkward [vertex] is set for Kubernetes alone: Vertex AI reads one document",
  "awkward [kubeflow] has a workspace without storage class and access modes",
]
`)
  })

  test('for Kubeflow, defaults that a command line needs are written out', () => {
    const say = container(
      {
        name: 'say',
        inputs: { a: text({ default: 'x', help: 'A.' }), b: text({ default: 'y', help: 'B.' }) },
      },
      ({ inputs }) => ({ image: 'alpine', command: ['echo', inputs.a, ifPresent('b', [inputs.b])] }),
    )
    const lazy = pipeline({ name: 'lazy' }, () => {
      say({})
    })
    expect(compile(lazy).root.dag?.tasks?.say?.inputs).toBeUndefined()
    expect(compileDocuments(lazy).warnings.map(({ what }) => what)).toEqual([
      'has "a" in its command line and is not given it',
    ])
    const { spec, warnings } = compileDocuments(lazy, { target: 'kubeflow' })
    expect(spec.root.dag?.tasks?.say?.inputs).toEqual({
      parameters: { a: { runtimeValue: { constant: 'x' } } },
    })
    expect(warnings).toEqual([])
  })

  test('what a target cannot run is refused, each with a remedy', () => {
    expect(() => compile(awkward, { target: 'vertex' })).toThrow(/3 problems/)
    expect(() => compile(awkward, { target: 'kubeflow' })).toThrow(/pipeline "awkward" has \d\d problems/)
    const plain = pipeline({ name: 'plain' }, () => {
      sink({ word: 'a' })
    })
    expect(compileDocuments(plain, { target: 'vertex' })).toEqual({ spec: compile(plain), warnings: [] })
  })
})
