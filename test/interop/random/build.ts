import {
  type AnyPipeline,
  artifact,
  boolean,
  container,
  each,
  format,
  integer,
  list,
  number,
  onExit,
  pipeline,
  text,
  when,
} from '../../../pipelines/index.ts'
import type { Branches, Kind, Program, Statement, Task, Value } from './program.ts'

// A program is of no type known here.
// biome-ignore lint/suspicious/noExplicitAny: references of whatever kind go where the program says
type Any = any

const DEFINITIONS = {
  text: text(''),
  integer: integer(''),
  number: number(''),
  boolean: boolean(''),
  texts: list({ help: '', of: 'string' }),
  integers: list({ help: '', of: 'integer' }),
  dataset: artifact('dataset', ''),
} satisfies Record<Kind, unknown>

const start = () => ({ image: 'alpine', command: ['x'] })

const make = container(
  {
    name: 'make',
    inputs: { value: DEFINITIONS.text },
    outputs: {
      word: DEFINITIONS.text,
      count: DEFINITIONS.integer,
      share: DEFINITIONS.number,
      fine: DEFINITIONS.boolean,
      lines: DEFINITIONS.texts,
      sizes: DEFINITIONS.integers,
      table: DEFINITIONS.dataset,
    },
  },
  start,
)

const COMPONENTS: Readonly<Record<string, Any>> = {
  make,
  ...Object.fromEntries(
    Object.entries(DEFINITIONS).map(([kind, value]) => {
      return [`take-${kind}`, container({ name: `take-${kind}`, inputs: { value } }, start)]
    }),
  ),
}

const COMPARISONS = {
  '==': 'is',
  '!=': 'isNot',
  '<': 'isLess',
  '<=': 'isAtMost',
  '>': 'isMore',
  '>=': 'isAtLeast',
} as const

/** A program in our language, as build.py has it in Python. */
export function pipelineOf({ inputs, body, outputs }: Program): AnyPipeline {
  const definitions = Object.fromEntries(
    Object.entries(inputs).map(([name, kind]) => [name, DEFINITIONS[kind]]),
  )
  return pipeline({ name: 'random', inputs: definitions }, references => {
    const known: Record<string, Any> = { ...references }
    run(body, known)
    return Object.fromEntries(outputs.map((id, index) => [`out${index}`, known[id]]))
  }) as AnyPipeline
}

function run(body: readonly Statement[], known: Record<string, Any>): void {
  for (const statement of body) {
    if ('task' in statement) callTask(statement, known)
    else if ('branches' in statement) branch(statement, known)
    else if ('exit' in statement) {
      const { exit, body } = statement
      run([exit], known)
      onExit(known[exit.task], () => run(body, known))
    } else {
      const { item, items, body, collected, parallelism } = statement
      const lists = each(
        resolve(items, known),
        value => {
          known[item] = value
          run(body, known)
          return Object.fromEntries(collected.map(([id, of]) => [id, known[of]]))
        },
        { parallelism },
      )
      Object.assign(known, lists)
    }
  }
}

function callTask(statement: Task, known: Record<string, Any>): void {
  const { task: id, of, value, after, settings } = statement
  const task = COMPONENTS[of]({ value: resolve(value, known) })
  if (!settings.cached) task.cache(false)
  if (settings.retries > 0) task.retry(settings.retries)
  if (settings.name !== '') task.named(settings.name)
  task.after(...after.map(other => known[other]))
  known[id] = task
  for (const [name, output] of Object.entries(task.outputs)) known[`${id}.${name}`] = output
}

function branch(statement: Branches, known: Record<string, Any>): void {
  let chain: Any
  for (const [index, { when: asked, body }] of statement.branches.entries()) {
    const fill = () => {
      run(body, known)
      return Object.fromEntries(statement.oneOf.map(([id, of]) => [id, known[of[index]!]]))
    }
    if (asked === null) {
      Object.assign(known, chain.otherwise(fill))
      continue
    }
    const [left, operator, right] = asked
    const condition = resolve(left, known)[COMPARISONS[operator]](resolve(right, known))
    chain = chain === undefined ? when(condition, fill) : chain.elseWhen(condition, fill)
  }
}

function resolve(value: Value, known: Record<string, Any>): Any {
  if ('constant' in value) return value.constant
  if ('ref' in value) return value.key === undefined ? known[value.ref] : known[value.ref][value.key]
  const constants = ['']
  const references: Any[] = []
  for (const part of value.text) {
    if (typeof part === 'string') constants[constants.length - 1] += part
    else {
      references.push(resolve(part, known))
      constants.push('')
    }
  }
  return format(constants as unknown as TemplateStringsArray, ...references)
}
