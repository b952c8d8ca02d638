import { faultOfGiven, parseText } from '../components/definition/check.ts'
import type { AnyParameter, Json, Secret } from '../components/definition/index.ts'
import { PressroomError } from '../core/errors.ts'
import { type Command, flagOf, parameterOf, variableOf } from './command.ts'
import type { Config } from './config-file.ts'

/** A value and where it came from, in the words of --print-config. A secret's value never gets here. */
export interface Setting {
  readonly value: Json | undefined
  readonly origin: string
  /** What is wrong with it, as a sentence of its own. */
  readonly fault?: string
}

/** The places that values come from, in the order in which they are asked. */
export interface Sources {
  /** Texts by input; those of a list's flag one by one, since it may be repeated. */
  readonly flags: Readonly<Record<string, string | readonly string[]>>
  /** Inputs among the flags that were given by position, in their order. */
  readonly positional?: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly config: Config | undefined
}

/** Settles each input's value: flag, then environment, then settings file, then default. Nothing wrong is left out. */
export function resolveSettings(command: Command, sources: Sources): Record<string, Setting> {
  const settled = Object.entries(command.inputs).map(([key, input]) => {
    const setting =
      input.role === 'secret'
        ? settleSecret(key, input, sources.env)
        : settle(command, key, parameterOf(input), sources)
    return [key, setting] as const
  })
  return Object.fromEntries(settled)
}

/** @throws PressroomError `invalid-setting` naming every value that is wrong and where it stands */
export function checkSettings(command: Command, settings: Readonly<Record<string, Setting>>): void {
  const faults = Object.values(settings).flatMap(({ fault }) => fault ?? [])
  if (faults.length === 0) return
  const one = faults.length === 1
  throw new PressroomError('invalid-setting', one ? faults.join() : `${faults.length} settings are wrong`, {
    ...(!one && { where: faults.join('\n  ') }),
    fix: `see pressroom ${command.name} --help`,
  })
}

/** A line for each setting: its name, its value as JSON, where it came from and what is wrong with it. */
export function showSettings(settings: Readonly<Record<string, Setting>>): string {
  const rows = Object.entries(settings).map(([key, { value, origin, fault = '' }]) => {
    return [key, value === undefined ? '-' : JSON.stringify(value), origin, fault]
  })
  const widths = [0, 1, 2, 3].map(column => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')
  return rows.map(row => line(row).trimEnd()).join('\n')
}

function settleSecret(
  key: string,
  { env: variable, presence }: Secret<'required' | 'optional'>,
  env: NodeJS.ProcessEnv,
): Setting {
  if (env[variable]) return { value: undefined, origin: `${variable}, set and not shown` }
  const fault = `"${key}" is missing: set ${variable} in the environment`
  return { value: undefined, origin: 'not set', ...(presence === 'required' && { fault }) }
}

function settle(command: Command, key: string, parameter: AnyParameter, sources: Sources): Setting {
  const setting = pick(command, key, parameter, sources)
  const { value, origin } = setting
  if (value === undefined) {
    const fault = `${flagOf(key)} is missing: ${parameter.help}`
    return { ...setting, ...(parameter.presence === 'required' && { fault }) }
  }
  const fault = faultOfGiven(parameter, value)
  return fault === undefined ? setting : { ...setting, fault: `${origin} ${fault}` }
}

function pick(
  command: Command,
  key: string,
  parameter: AnyParameter,
  { flags, positional = [], env, config }: Sources,
): Setting {
  const flag = flags[key]
  if (flag !== undefined) {
    const at = positional.indexOf(key)
    const origin = at < 0 ? flagOf(key) : `argument ${at + 1}`
    return { value: parseFlag(command, key, parameter, flag), origin }
  }
  for (const variable of [variableOf(command.name, key), parameter.env]) {
    // An empty variable is how shells and workflows leave one out.
    const text = variable === undefined ? '' : env[variable]
    if (variable !== undefined && text) return { value: parseText(parameter.kind, text), origin: variable }
  }
  const filed = config?.sections[command.name]?.[key]
  if (filed !== undefined) return { value: filed, origin: `${config?.file}: ${command.name}.${key}` }
  const shared = command.shared?.includes(key) ? config?.shared?.[key] : undefined
  if (shared !== undefined) return { value: shared, origin: `${config?.file}: ${key}` }
  return { value: parameter.default, origin: parameter.default === undefined ? 'not set' : 'default' }
}

/** A repeated list's items add up; what cannot be read as a list comes back as it is, for `faultOf` to name. */
function parseFlag(
  { verbatim = [] }: Command,
  key: string,
  { kind }: AnyParameter,
  flag: string | readonly string[],
): Json {
  if (typeof flag === 'string') return parseText(kind, flag)
  if (verbatim.includes(key)) return flag
  const lists = flag.map(text => parseText(kind, text))
  return lists.find(list => !Array.isArray(list)) ?? lists.flat()
}
