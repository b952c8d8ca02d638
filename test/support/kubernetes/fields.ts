import { isDeepStrictEqual } from 'node:util'

export type Json = Record<string, unknown>

/** Lists whose items are told apart by a field are merged by it (`+listType=map`); every other list is one value. */
const KEYS: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  volumes: 'name',
  env: 'name',
  volumeMounts: 'mountPath',
}
/** Maps that are one value (`+mapType=atomic`, `+structType=atomic`). */
const ATOMIC = /^(\.spec\.selector|.*\.nodeSelector)$/

/** A field's path as conflicts write it, by the steps that lead there. */
type Step = string | { readonly key: string; readonly value: string }

export interface Leaf {
  /** `.spec.template.spec.containers[name="main"].image` */
  readonly path: string
  readonly steps: readonly Step[]
  readonly value: unknown
}

/** Every value of an object that a manager owns by setting it. */
export function leavesOf(value: unknown, steps: readonly Step[] = [], path = '', name = ''): Leaf[] {
  const key = KEYS[name]
  if (Array.isArray(value) && key !== undefined) {
    return value.flatMap(item => {
      const id = String((item as Json)[key])
      return leavesOf(item, [...steps, { key, value: id }], `${path}[${key}="${id}"]`)
    })
  }
  if (!isMap(value) || ATOMIC.test(path) || Object.keys(value).length === 0) return [{ path, steps, value }]
  return Object.entries(value).flatMap(([each, inner]) =>
    leavesOf(inner, [...steps, each], `${path}.${each}`, each),
  )
}

export function get(object: unknown, steps: readonly Step[]): unknown {
  return steps.reduce((at, step) => {
    if (typeof step === 'string') return (at as Json | undefined)?.[step]
    return (at as Json[] | undefined)?.find(item => item[step.key] === step.value)
  }, object)
}

/** Sets a value, making what leads to it. */
export function set(object: Json, steps: readonly Step[], value: unknown): void {
  let at: unknown = object
  steps.forEach((step, i) => {
    const last = i === steps.length - 1
    const empty = typeof steps[i + 1] === 'string' ? {} : []
    if (typeof step === 'string') {
      const map = at as Json
      if (last) map[step] = copy(value)
      else at = map[step] ??= empty
      return
    }
    const list = at as Json[]
    const item = list.find(each => each[step.key] === step.value) ?? { [step.key]: step.value }
    if (!list.includes(item)) list.push(item)
    at = item
  })
}

/** Removes a value, and items and maps that it leaves empty. */
export function remove(object: Json, steps: readonly Step[]): void {
  const last = steps.at(-1)
  if (typeof last !== 'string') return
  const parent = get(object, steps.slice(0, -1)) as Json | undefined
  if (parent === undefined) return
  delete parent[last]
  const item = steps.at(-2)
  if (typeof item === 'object' && Object.keys(parent).length === 0) {
    const list = get(object, steps.slice(0, -2)) as Json[]
    list.splice(list.indexOf(parent), 1)
  }
}

export function same(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b)
}

function isMap(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Unlike structuredClone, which inside Jest makes objects of another realm, equal to none of ours. */
export function copy<T>(value: T): T {
  return value === undefined ? value : JSON.parse(JSON.stringify(value))
}
