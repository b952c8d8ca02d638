import type {
  AnyArtifact,
  AnyParameter,
  InputDefinitions,
  Json,
  Log,
} from '../components/definition/index.ts'
import { kebab } from '../components/definition/names.ts'

/** What every command gets beside its settings. */
export interface CommandContext {
  /** Parsed and checked values by input; an artifact's is its path. Only inputs without a value are missing. */
  readonly settings: Readonly<Record<string, Json>>
  readonly log: Log
  /** Aborted by the first Ctrl-C or SIGTERM; a second one ends the process at once. */
  readonly signal: AbortSignal
  /** One JSON object on standard output in place of text for people. */
  readonly json: boolean
  /** Writes to standard output. */
  print(text: string): void
  /** Ends a command that did what it was asked with another exit status than 0. */
  exitWith(status: number): void
  readonly env: NodeJS.ProcessEnv
}

/** A command as plain data; `run` loads what it does only when it is called, so that help stays instant. */
export interface Command {
  readonly name: string
  readonly description: string
  readonly inputs: InputDefinitions
  /** Inputs that may also be given by position, in this order. */
  readonly positions?: readonly string[]
  /** Lists whose flag gives one item as it stands, commas included, and is repeated for more. */
  readonly verbatim?: readonly string[]
  /** Inputs that the settings file may also give once for all commands, at its top. */
  readonly shared?: readonly string[]
  /** Shown below the options. */
  readonly notes?: string
  readonly run: () => Promise<(context: CommandContext) => Promise<void>>
}

/** An input as what is set for it: an artifact's setting is its path. */
export function parameterOf(input: AnyParameter | AnyArtifact): AnyParameter {
  if (input.role === 'parameter') return input
  const { presence, help } = input
  return { role: 'parameter', kind: 'string', presence, help }
}

/** `--min-accuracy` for minAccuracy. */
export function flagOf(key: string): string {
  return `--${kebab(key)}`
}

/** `PRESSROOM_VALIDATE_MIN_ACCURACY` for minAccuracy of validate. */
export function variableOf(command: string, key: string): string {
  return `PRESSROOM_${command}_${kebab(key)}`.toUpperCase().replaceAll('-', '_')
}

/** How a value is named in help: `<number>`, `<csv|tsv>`. */
export function placeholderOf(input: AnyParameter): string {
  if (input.choices !== undefined) return input.choices.join('|')
  return { string: 'text', integer: 'n', number: 'x', boolean: 'true|false', list: 'list', struct: 'json' }[
    input.kind
  ]
}
