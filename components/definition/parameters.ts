/** The kinds of value that pass between stages. A `choice` is a string with a closed list; a `secret` never leaves the environment. */
export type ParameterKind = 'string' | 'integer' | 'number' | 'boolean' | 'list' | 'struct'

/** Any value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** The TypeScript type of each kind's values. */
export interface KindValues {
  string: string
  integer: number
  number: number
  boolean: boolean
  list: readonly Json[]
  struct: { readonly [key: string]: Json }
}

/** `required`: the caller must give it; `defaulted`: it has a default; `optional`: `run` may see undefined. */
export type Presence = 'required' | 'defaulted' | 'optional'

/** What can be said of any parameter. `help` is one sentence; generators refuse an input without it. */
export interface ParameterOptions<T> {
  readonly help: string
  readonly default?: T
  readonly optional?: true
  /** An environment variable of the user's world that also sets it, beside `PRESSROOM_<STAGE>_<INPUT>`. */
  readonly env?: string
  readonly examples?: readonly T[]
}

interface TextLimits {
  /** An ECMAScript regular expression that the whole value must match. */
  readonly pattern?: string
}
interface NumberLimits {
  readonly min?: number
  readonly max?: number
}

/** A parameter's definition: plain data. `T` is the type that `run` receives. */
export interface Parameter<K extends ParameterKind, T, P extends Presence> extends TextLimits, NumberLimits {
  readonly role: 'parameter'
  readonly kind: K
  readonly presence: P
  readonly help: string
  readonly default?: T
  readonly env?: string
  readonly examples?: readonly T[]
  /** The only values allowed, in the order to show them. */
  readonly choices?: readonly string[]
  /** Whether the orchestrator itself refuses other choices; those before 2.17 refuse the whole file instead. */
  readonly enforced?: true
  /** What a list holds. */
  readonly of?: ParameterKind
  /** What the orchestrator itself fills in: how the tasks before it ended, or the task's own configuration. */
  readonly special?: 'final-status' | 'task-config'
}

// biome-ignore lint/suspicious/noExplicitAny: the bound of "a parameter of whatever type", used only to constrain
export type AnyParameter = Parameter<ParameterKind, any, Presence>

/** A list whose items are of kind `K`, or of any. */
export type ListParameter<K extends ParameterKind | undefined, P extends Presence> = Parameter<
  'list',
  K extends ParameterKind ? readonly KindValues[K][] : readonly Json[],
  P
> &
  (K extends ParameterKind ? { readonly of: K } : unknown)

/** A value that must not be logged, stored or passed as an argument: it is read from the environment where the stage runs. */
export interface Secret<P extends 'required' | 'optional'> {
  readonly role: 'secret'
  readonly presence: P
  readonly help: string
  /** The environment variable that holds it, `MLFLOW_TRACKING_TOKEN` for example. */
  readonly env: string
}

type PresenceOf<O> = O extends { default: unknown }
  ? 'defaulted'
  : O extends { optional: true }
    ? 'optional'
    : 'required'

function parameter<K extends ParameterKind, T, O extends ParameterOptions<T>>(
  kind: K,
  options: O | string,
): Parameter<K, T, PresenceOf<O>> {
  if (typeof options === 'string') {
    return { role: 'parameter', kind, presence: 'required' as PresenceOf<O>, help: options }
  }
  const { optional, ...rest } = options as ParameterOptions<T>
  const presence = 'default' in options ? 'defaulted' : optional ? 'optional' : 'required'
  return { role: 'parameter', kind, presence: presence as PresenceOf<O>, ...rest }
}

/** A string. A bare sentence in place of the options is its help, here and in every builder below. */
export function text<const O extends ParameterOptions<string> & TextLimits>(
  options: O | string,
): Parameter<'string', string, PresenceOf<O>> {
  return parameter('string', options)
}

/** A whole number, `min` and `max` included. */
export function integer<const O extends ParameterOptions<number> & NumberLimits>(
  options: O | string,
): Parameter<'integer', number, PresenceOf<O>> {
  return parameter('integer', options)
}

/** A finite double, `min` and `max` included. */
export function number<const O extends ParameterOptions<number> & NumberLimits>(
  options: O | string,
): Parameter<'number', number, PresenceOf<O>> {
  return parameter('number', options)
}

/** `true` or `false`; no other spelling is ever read as one. */
export function boolean<const O extends ParameterOptions<boolean>>(
  options: O | string,
): Parameter<'boolean', boolean, PresenceOf<O>> {
  return parameter('boolean', options)
}

/** One of a closed list of strings. */
export function choice<
  const C extends readonly [string, ...string[]],
  const O extends ParameterOptions<C[number]> & { readonly enforced?: true },
>(choices: C, options: O): Parameter<'string', C[number], PresenceOf<O>> {
  return { ...parameter<'string', C[number], O>('string', options), choices }
}

/** A list of JSON values; `of` says of which kind, so that a loop over it can be checked. */
export function list<const O extends ParameterOptions<readonly Json[]> & { readonly of?: ParameterKind }>(
  options: O | string,
): ListParameter<O extends { of: infer K extends ParameterKind } ? K : undefined, PresenceOf<O>> {
  return parameter('list', options) as never
}

/** A JSON object. */
export function struct<const O extends ParameterOptions<KindValues['struct']>>(
  options: O | string,
): Parameter<'struct', KindValues['struct'], PresenceOf<O>> {
  return parameter('struct', options)
}

/** A secret, named by the environment variable that holds it. */
export function secret<const O extends { env: string; help: string; optional?: true }>(
  options: O,
): Secret<O extends { optional: true } ? 'optional' : 'required'> {
  const presence = (options.optional ? 'optional' : 'required') as O extends { optional: true }
    ? 'optional'
    : 'required'
  return { role: 'secret', presence, help: options.help, env: options.env }
}
