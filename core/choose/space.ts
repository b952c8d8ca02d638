import { PressroomError } from '../errors.ts'
import type { Learner } from '../learn/index.ts'
import { own, shown } from '../object.ts'
import { type Random, randomFrom } from '../random.ts'
import type { FeatureSettingsInput } from '../text/index.ts'

/** Numbers from `from` to `to`: even in themselves, or, with `scale: 'log'`, in their logarithms; `whole` rounds them. */
interface Range {
  readonly from: number
  readonly to: number
  readonly scale?: 'linear' | 'log'
  readonly whole?: boolean
}

/** What a setting may be: one of a list, or a number of a range. */
type Choices = { readonly list: readonly unknown[] } | { readonly range: Range }

/** What is searched: by a setting's path from the candidate on, as `learner.parameters.c` or `features.text.text.maxFeatures`. */
export type Space = ReadonlyMap<string, Choices>

/** What every candidate of a search has in common. */
export interface Base {
  readonly features: FeatureSettingsInput
  readonly learner: Learner
}

/** A candidate as a search writes it; `parseCandidates` checks it. */
export interface Proposal extends Base {
  readonly name: string
}

/** Beyond these nobody waits for the end of a grid. */
const LARGEST_GRID = 10_000
/** Drawing from a few lists gives the same again and again: a search that asks for more than there are gets what there are. */
const TRIES_A_DRAW = 50

/**
 * Checks a search space from outside: an object of lists and ranges.
 * @throws PressroomError `invalid-parameter` with the first fault
 */
export function parseSpace(given: Readonly<Record<string, unknown>>): Space {
  const entries = Object.entries(given)
  if (entries.length === 0) {
    throw invalid(
      'the search space is empty',
      'name a setting with its values: {"learner.parameters.c": [0.1, 1, 10]}',
    )
  }
  return new Map(
    entries.map(([path, value]) => {
      if (!/^(learner|features)(\.[^.]+)+$/.test(path)) {
        throw invalid(
          `the space has no ${JSON.stringify(path)}`,
          'begin a path with learner. or features., as learner.parameters.c',
        )
      }
      return [path, parseChoices(path, value)]
    }),
  )
}

function parseChoices(path: string, value: unknown): Choices {
  if (Array.isArray(value)) {
    if (value.length === 0) throw invalid(`the list of ${path} is empty`, 'give it a value, or leave it out')
    return { list: value }
  }
  if (typeof value !== 'object' || value === null) {
    throw invalid(`${path} is ${shown(value)}`, 'give a list of values, or a range with from and to')
  }
  const { from, to, scale = 'linear', whole = false, ...rest } = value as Record<string, unknown>
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined)
    throw invalid(`the range of ${path} has no ${unknown}`, 'it has: from, to, scale, whole')
  if (!Number.isFinite(from) || !Number.isFinite(to) || !((from as number) < (to as number))) {
    throw invalid(
      `the range of ${path} goes from ${shown(from)} to ${shown(to)}`,
      'give two finite numbers, the smaller first',
    )
  }
  if (scale !== 'linear' && scale !== 'log') {
    throw invalid(`the scale of ${path} is ${shown(scale)}`, 'give linear or log')
  }
  if (scale === 'log' && (from as number) <= 0) {
    throw invalid(`the logarithmic range of ${path} begins at ${from}`, 'begin above 0')
  }
  if (typeof whole !== 'boolean') throw invalid(`whole of ${path} is ${shown(whole)}`, 'give true or false')
  return { range: { from: from as number, to: to as number, scale, whole } }
}

/**
 * Every combination of the lists, the last setting changing fastest.
 * @throws PressroomError `invalid-parameter` when the space has a range, or too many combinations
 */
export function gridOf(base: Base, space: Space): Proposal[] {
  const lists = [...space].map(([path, choices]) => {
    if ('list' in choices) return choices.list
    throw invalid(
      `${path} is a range, and a grid takes lists`,
      'give a list of values, or search random or halving',
    )
  })
  const size = lists.reduce((product, { length }) => product * length, 1)
  if (size > LARGEST_GRID) {
    throw invalid(
      `the grid has ${size.toLocaleString('en')} combinations`,
      `give fewer values, ${LARGEST_GRID.toLocaleString('en')} combinations at most, or search random`,
    )
  }
  const paths = [...space.keys()]
  return Array.from({ length: size }, (_, index) => {
    let rest = index
    const values = lists.map(() => undefined as unknown)
    for (let i = lists.length - 1; i >= 0; i--) {
      values[i] = lists[i]![rest % lists[i]!.length]
      rest = Math.floor(rest / lists[i]!.length)
    }
    return propose(base, paths, values)
  })
}

/** So many different candidates drawn by chance, fewer where the space has no more; the same for the same seed. */
export function drawFrom(base: Base, space: Space, draws: number, seed: number): Proposal[] {
  const random = randomFrom(seed)
  const paths = [...space.keys()]
  const drawn = new Map<string, Proposal>()
  for (let tries = draws * TRIES_A_DRAW; tries > 0 && drawn.size < draws; tries--) {
    const proposal = propose(
      base,
      paths,
      [...space.values()].map(choices => drawOne(choices, random)),
    )
    if (!drawn.has(proposal.name)) drawn.set(proposal.name, proposal)
  }
  return [...drawn.values()]
}

function drawOne(choices: Choices, random: Random): unknown {
  if ('list' in choices) return choices.list[random.next(choices.list.length)]
  const { from, to, scale, whole } = choices.range
  const unit = random.unit()
  const value = scale === 'log' ? from * (to / from) ** unit : from + (to - from) * unit
  // Four digits are more than a search can tell apart, and names that people can read.
  return whole ? Math.round(value) : Math.min(to, Math.max(from, Number(value.toPrecision(4))))
}

function propose(base: Base, paths: readonly string[], values: readonly unknown[]): Proposal {
  const candidate = structuredClone({ features: base.features, learner: base.learner }) as Record<
    string,
    unknown
  >
  for (const [i, path] of paths.entries()) put(candidate, path.split('.'), values[i])
  const name = paths.map((path, i) => `${shortest(path, paths)} ${written(values[i])}`).join(', ')
  return { name, ...(candidate as unknown as Base) }
}

function put(into: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path as [string, ...string[]]
  // Defined rather than assigned: a path through __proto__ must end in the check of unknown settings.
  const define = (value: unknown) =>
    Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true })
  if (rest.length === 0) {
    define(value)
    return
  }
  const next = own(into, key)
  if (typeof next !== 'object' || next === null) define({})
  put(into[key] as Record<string, unknown>, rest, value)
}

/** The end of a path that no other path shares. */
function shortest(path: string, paths: readonly string[]): string {
  const parts = path.split('.')
  for (let length = 1; length < parts.length; length++) {
    const end = parts.slice(-length).join('.')
    if (paths.filter(other => `.${other}`.endsWith(`.${end}`)).length === 1) return end
  }
  return path
}

function written(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function invalid(what: string, fix: string): PressroomError {
  return new PressroomError('invalid-parameter', what, { fix })
}
