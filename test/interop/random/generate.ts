import fc from 'fast-check'
import type { Json } from '../../../components/definition/index.ts'
import {
  type Branch,
  type Kind,
  MADE,
  type Program,
  type Statement,
  type Task,
  type Value,
} from './program.ts'

const KINDS = Object.values(MADE)

/** The kind of the items of each kind of list. */
const ITEMS: Partial<Record<Kind, Kind>> = { texts: 'text', integers: 'integer' }

const PLAIN = { cached: true, retries: 0, name: '' }

const TEXTS = [
  'a',
  '',
  "it's",
  '"q"',
  '\\',
  'a\nb',
  '{{$.x}}',
  'é: b',
  '# no',
  '1e3',
  'yes',
  '~',
  '%s',
  '\u2028',
]

/** A value in reach. */
interface Known {
  readonly id: string
  readonly kind: Kind
  /** Where it comes from: what the SDK cannot do with it depends on that. */
  readonly from: 'input' | 'task' | 'item' | 'struct'
}

interface Scope {
  readonly known: readonly Known[]
  readonly tasks: readonly string[]
}

/** Programs that the Python SDK compiles rightly: what it is known to get wrong (docs/kubeflow.md) is left out. */
export const program: fc.Arbitrary<Program> = fc.gen().map(random => {
  const upTo = (max: number) => random(fc.nat, { max })
  const pick = <T>(items: readonly T[]): T => items[upTo(items.length - 1)]!
  const chance = (percent: number) => upTo(99) < percent
  const times = <T>(count: number, make: (index: number) => T) =>
    Array.from({ length: count }, (_, i) => make(i))
  let lastId = 0
  const named = (stem: string) => `${stem}${++lastId}`

  const constant = (kind: Kind): Json => {
    switch (kind) {
      case 'text':
        return pick(TEXTS)
      case 'integer':
        return pick([0, -1, 7, 123456789])
      case 'number':
        return pick([0.5, 2, -1.25, 1e21, 1e-9])
      case 'boolean':
        return pick([true, false])
      default:
        return times(upTo(3), () => pick<Json>([...TEXTS, 1, 2.5, true, { a: ['b', 1] }]))
    }
  }

  const refer = ({ id, from }: Known): Value => {
    return from === 'struct' ? { ref: id, key: pick(['a', 'b']) } : { ref: id }
  }

  const value = (kind: Kind, { known }: Scope): Value | undefined => {
    const fitting = known.filter(other => other.kind === kind)
    if (fitting.length > 0 && (kind === 'dataset' || chance(65))) return refer(pick(fitting))
    if (kind === 'dataset') return undefined
    const plain = known.filter(
      ({ kind, from }) => /input|task/.test(from) && kind !== 'dataset' && !/s$/.test(kind),
    )
    if (kind !== 'text' || plain.length === 0 || chance(60)) return { constant: constant(kind) }
    return { text: [pick(TEXTS), ...times(1 + upTo(2), () => [refer(pick(plain)), pick(TEXTS)]).flat()] }
  }

  const task = (scope: Scope, of = pick(['make', 'make', ...KINDS.map(kind => `take-${kind}`)])): Task => {
    const kind = of === 'make' ? 'text' : (of.slice('take-'.length) as Kind)
    const argument = value(kind, scope)
    if (argument === undefined) return task(scope, 'make')
    const settings = {
      cached: !chance(15),
      retries: chance(15) ? 1 + upTo(2) : 0,
      name: chance(15) ? 'Ein Name: ü' : '',
    }
    const after = scope.tasks.length > 0 && chance(20) ? [pick(scope.tasks)] : []
    return { task: named('task'), of, value: argument, after, settings }
  }

  const outputsOf = (statement: Task): readonly Known[] => {
    if (statement.of !== 'make') return []
    return Object.entries(MADE).map(([name, kind]) => ({
      id: `${statement.task}.${name}`,
      kind,
      from: 'task',
    }))
  }

  const condition = ({ known }: Scope): Branch['when'] | undefined => {
    const comparable = known.filter(({ kind }) => KINDS.indexOf(kind) < 4)
    if (comparable.length === 0) return undefined
    const left = pick(comparable)
    const literal =
      left.kind === 'text' ? pick(['a', 'ü', '1e3']) : left.kind === 'number' ? 0.5 : constant(left.kind)
    // An item on the right Python compares the other way round.
    const others = comparable.filter(({ kind, from }) => kind === left.kind && /input|task/.test(from))
    const right = others.length > 0 && chance(30) ? refer(pick(others)) : { constant: literal }
    return [
      refer(left),
      left.kind === 'boolean' ? pick(['==', '!=']) : pick(['==', '!=', '<', '<=', '>', '>=']),
      right,
    ]
  }

  const block = (outer: Scope, depth: number, size: number) => {
    const body: Statement[] = []
    let scope = outer
    const add = (statement: Statement) => {
      body.push(statement)
      if (!('task' in statement)) return
      scope = {
        known: [...scope.known, ...outputsOf(statement)],
        tasks: [...scope.tasks, statement.task],
      }
    }
    for (const _ of times(size, () => 0)) {
      const form =
        depth > 2 ? 'task' : pick(['task', 'task', 'task', 'branches', 'loop', depth === 0 ? 'exit' : 'task'])
      if (form === 'branches') branches(scope, depth, add)
      else if (form === 'loop') loop(scope, depth, add)
      else if (form === 'exit') {
        const exit = task(
          { known: outer.known.filter(({ from }) => from === 'input'), tasks: [] },
          'take-text',
        )
        add({ exit, body: block(scope, depth + 1, 1 + upTo(2)).body })
      } else add(task(scope))
    }
    return { body, scope }
  }

  type Add = (statement: Statement) => void

  const branches = (scope: Scope, depth: number, add: Add): void => {
    const count = 1 + upTo(2)
    const asked = times(count, index => (count > 1 && index === count - 1 ? null : condition(scope)))
    if (asked.includes(undefined)) {
      add(task(scope, 'make'))
      return
    }
    const made = times(count, () => task(scope, 'make'))
    const filled = asked.map((when, index): Branch => {
      return { when: when ?? null, body: [...block(scope, depth + 1, upTo(2)).body, made[index]!] }
    })
    const oneOf = count > 1 && chance(60) ? pick(['word', 'table'] as const) : undefined
    if (oneOf === undefined) {
      add({ branches: filled, oneOf: [] })
      return
    }
    const id = named('value')
    add({ branches: filled, oneOf: [[id, made.map(({ task }) => `${task}.${oneOf}`)]] })
    add({ task: named('task'), of: `take-${MADE[oneOf]}`, value: { ref: id }, after: [], settings: PLAIN })
  }

  const loop = (scope: Scope, depth: number, add: Add): void => {
    const lists = scope.known.filter(({ kind, from }) => /s$/.test(kind) && /input|task/.test(from))
    const list = lists.length > 0 && chance(50) ? pick(lists) : undefined
    // The SDK cannot carry a part of a literal item into a group.
    const struct = list === undefined && depth === 0 && chance(40)
    const kind = struct
      ? 'text'
      : list === undefined
        ? pick(['text', 'integer', 'number'] as const)
        : ITEMS[list.kind]!
    const literal = () =>
      struct ? { a: pick(TEXTS), b: pick(TEXTS) } : kind === 'number' ? 0.5 : constant(kind)
    const own: Known = { id: named('item'), kind, from: struct ? 'struct' : 'item' }
    const known = [...scope.known.filter(({ id }) => id !== list?.id), ...(struct ? [] : [own])]
    const inner = { known, tasks: scope.tasks }
    const made = task(inner, 'make')
    // The SDK drops a list whose item nothing uses.
    const use = { task: named('task'), of: `take-${kind}`, value: refer(own), after: [], settings: PLAIN }
    const id = chance(60) ? named('list') : undefined
    add({
      item: own.id,
      items: list === undefined ? { constant: times(1 + upTo(2), literal) } : { ref: list.id },
      body: [use, ...block(inner, depth + 1, upTo(2)).body, made],
      collected: id === undefined ? [] : [[id, `${made.task}.word`]],
      parallelism: upTo(2),
    })
    if (id === undefined) return
    add({ task: named('task'), of: 'take-texts', value: { ref: id }, after: [], settings: PLAIN })
  }

  const inputs = Object.fromEntries(times(upTo(4), index => [`in${index}`, pick(KINDS)] as const))
  const known = Object.entries(inputs).map(([id, kind]) => ({ id, kind, from: 'input' as const }))
  const { body, scope } = block({ known, tasks: [] }, 0, 1 + upTo(4))
  const returned = scope.known.filter(({ from }) => from === 'task').filter(() => chance(20))
  return { inputs, body, outputs: returned.slice(0, 3).map(({ id }) => id) }
})
