import type { Json } from '../../../components/definition/index.ts'

/** A pipeline as data, for build.py and build.ts to say it in their languages. */
export interface Program {
  readonly inputs: Readonly<Record<string, Kind>>
  readonly body: readonly Statement[]
  /** What it returns, of its tasks. */
  readonly outputs: readonly string[]
}

/** What a value is: of a parameter, an artifact, or a list to loop over. */
export type Kind = 'text' | 'integer' | 'number' | 'boolean' | 'texts' | 'integers' | 'dataset'

/** A part of an item is a `key`. A constant number is a double where one is wanted. */
export type Value =
  | { readonly ref: string; readonly key?: string }
  | { readonly constant: Json }
  | { readonly text: readonly (string | Value)[] }

/** `make` gives a value of every kind; `take-…` takes one. */
export interface Task {
  readonly task: string
  readonly of: string
  readonly value: Value
  readonly after: readonly string[]
  readonly settings: Settings
}

export interface Branches {
  readonly branches: readonly Branch[]
  /** Names of values, and the values that they are one of. */
  readonly oneOf: readonly (readonly [string, readonly string[]])[]
}

interface Loop {
  readonly item: string
  readonly items: Value
  readonly body: readonly Statement[]
  /** Names of lists, and what is collected in them. */
  readonly collected: readonly (readonly [string, string])[]
  readonly parallelism: number
}

interface Exit {
  readonly exit: Task
  readonly body: readonly Statement[]
}

export type Statement = Task | Branches | Loop | Exit

export interface Branch {
  /** None is an else. */
  readonly when: readonly [Value, '==' | '!=' | '<' | '<=' | '>' | '>=', Value] | null
  readonly body: readonly Statement[]
}

interface Settings {
  readonly cached: boolean
  readonly retries: number
  readonly name: string
}

/** What `make` puts out. No name begins another's: the SDK mixes up a list with a value of such a name. */
export const MADE: Readonly<Record<string, Kind>> = {
  word: 'text',
  count: 'integer',
  share: 'number',
  fine: 'boolean',
  lines: 'texts',
  sizes: 'integers',
  table: 'dataset',
}
