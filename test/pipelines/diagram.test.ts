import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from '@jest/globals'
import { compile } from '../../pipelines/compiler/index.ts'
import { parseCompiled } from '../../pipelines/compiler/load/index.ts'
import { type Box, boxesOf } from '../../pipelines/diagram/boxes.ts'
import { groupNames, withoutIterations } from '../../pipelines/diagram/group-names.ts'
import { type Placed, place } from '../../pipelines/diagram/layout.ts'
import { toMermaid } from '../../pipelines/diagram/mermaid.ts'
import { toSvg } from '../../pipelines/diagram/svg.ts'
import { container, each, list, onExit, pipeline, text, when } from '../../pipelines/index.ts'
import * as fc from '../support/properties.ts'
import { leaf, specOf, task } from '../support/specs.ts'

/** Members of random graphs, groups among them; each waits for some of those before it. */
const graph = fc.letrec<{ box: Box }>(tie => ({
  box: fc
    .record({
      title: fc.string({ maxLength: 30 }),
      detail: fc.string({ maxLength: 20 }),
      members: fc.option(fc.array(tie('box'), { maxLength: 8, depthIdentifier: 'box' }), {
        nil: undefined,
        depthIdentifier: 'box',
      }),
      joins: fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 12 }),
    })
    .map(({ joins, members, ...box }) => {
      const edges = joins.flatMap(([a, b]): [Box, Box][] => {
        const [from, to] = [members?.[Math.min(a, b)], members?.[Math.max(a, b)]]
        return from === undefined || to === undefined || from === to ? [] : [[from, to]]
      })
      return { ...box, id: '', path: '', members, edges }
    }),
})).box

test('boxes stand inside their group, apart from each other, below what they wait for', () => {
  fc.assert(
    fc.property(graph, box => {
      expect(faults(place(box))).toEqual([])
    }),
  )
})

test('a hundred tasks beside each other make rows, a thousand behind each other a column', () => {
  const names = Array.from({ length: 1000 }, (_, i) => `task-${i}`)
  const wide = specOf(
    { dag: { tasks: Object.fromEntries(names.slice(0, 100).map(name => [name, task(name)])) } },
    {},
  )
  expect(place(boxesOf(wide)).width).toBeLessThan(1800)
  const chain = names.map((name, i) => [
    name,
    task(name, {}, i > 0 ? { dependentTasks: [names[i - 1]!] } : {}),
  ])
  const long = place(boxesOf(specOf({ dag: { tasks: Object.fromEntries(chain) } }, { a: leaf('a', []) })))
  expect(faults(long)).toEqual([])
  expect(long.width).toBeLessThan(300)
})

test('branches are told by their own conditions', () => {
  const file = resolve(
    import.meta.dirname,
    '../../../shared/kfp-goldens/structure/if_elif_else_with_oneof_parameters.yaml',
  )
  const golden = readFileSafely(file)
  if (golden === undefined) return
  expect(toMermaid(parseCompiled(golden, file).spec)).toMatch(
    /if flip-three-sided-die-Output == 'heads'.*else if flip-three-sided-die-Output == 'tails'.*<br\/>else"/s,
  )
})

test('names that mean something to a renderer are only names', () => {
  const say = container(
    { name: 'say', inputs: { word: text('') }, outputs: { said: text('') } },
    ({ outputs }) => ({
      image: 'alpine',
      command: [outputs.said.file],
    }),
  )
  const hostile = pipeline({ name: 'hostile', displayName: `<script>"'&]` }, () => {
    const first = say({ word: '' }).named('"] --> x["<b>&#quot;`*_')
    when(first.said.is('</text>"'), () => void say({ word: first.said }))
  })
  const spec = compile(hostile)
  const svg = toSvg(spec)
  expect(svg).not.toMatch(/<script|<b>|<\/text>"/)
  expect(svg.match(/<text /g)?.length).toBe(svg.match(/<\/text>/g)?.length)
  for (const line of toMermaid(spec).split('\n'))
    expect(line).toMatch(/^(flowchart TD|\s*(end|subgraph )?[^"]*("[^"]*"\])?)$/)
})

/** What is wrong with a layout, and with those in it. */
function faults(outer: Placed): string[] {
  const found: string[] = []
  const must = (holds: boolean, what: string) => {
    if (!holds) found.push(`${what} in ${outer.box.title}`)
  }
  for (const [i, member] of outer.members.entries()) {
    const { x, y, width, height } = member
    must(
      x >= 0 && y > 0 && x + width <= outer.width + 1e-6 && y + height < outer.height,
      'a member stands out',
    )
    for (const other of outer.members.slice(i + 1)) {
      const beside = x + width <= other.x + 1e-6 || other.x + other.width <= x + 1e-6
      const below = y + height <= other.y + 1e-6 || other.y + other.height <= y + 1e-6
      must(beside || below, 'two members overlap')
    }
    found.push(...faults(member))
  }
  const placed = new Map(outer.members.map(member => [member.box, member]))
  for (const [from, to] of outer.box.edges) {
    must(placed.get(from)!.y + placed.get(from)!.height < placed.get(to)!.y, 'an edge goes up')
  }
  for (const edge of outer.edges) {
    must(
      edge.every(([x], i) => x >= 0 && x <= outer.width && edge[i]![1] >= (edge[i - 1]?.[1] ?? 0)),
      'an edge strays',
    )
  }
  return found
}

function readFileSafely(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

test('groups have names for people, by their paths', () => {
  const op = container(
    { name: 'op', inputs: { word: text('') }, outputs: { out: text('') } },
    ({ outputs }) => ({
      image: 'alpine',
      command: ['op', outputs.out.file],
    }),
  )
  const inner = pipeline(
    { name: 'inner', inputs: { words: list({ help: '', of: 'string' }) } },
    ({ words }) => {
      each(words, word => {
        when(word.is('a'), () => {
          op({ word })
        }).otherwise(() => {
          op({ word: 'b' })
        })
      })
    },
  )
  const outer = pipeline({ name: 'outer' }, () => {
    onExit(op({ word: 'end' }), () => {
      inner({ words: ['a', 'b'] })
    })
  })
  expect(groupNames(compile(outer))).toEqual({
    'exit-handler-1': 'exit handler',
    'exit-handler-1/inner': 'inner',
    'exit-handler-1/inner/for-loop-1': 'for each of words',
    'exit-handler-1/inner/for-loop-1/condition-branches-2': 'branches',
    'exit-handler-1/inner/for-loop-1/condition-branches-2/condition-3': "if words-loop-item == 'a'",
    'exit-handler-1/inner/for-loop-1/condition-branches-2/condition-4': 'else',
  })
  const loops = ['a/loop', 'a/loop/1/inner']
  expect(withoutIterations('a/loop/1/inner/0/b', path => loops.includes(path))).toBe('a/loop/inner/b')
})
