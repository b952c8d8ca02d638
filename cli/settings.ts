import { readFile } from 'node:fs/promises'
import type { ErrorObject } from 'ajv'
import { faultOf, parseText } from '../components/definition/check.ts'
import type { AnyParameter, Json } from '../components/definition/index.ts'
import { counted } from '../core/counted.ts'
import { PressroomError, systemCode } from '../core/errors.ts'
import { suggest } from '../core/nearest.ts'
import { type Command, flagOf, variableOf } from './command.ts'
import { configSchema } from './config-schema.ts'

/** The settings file: for each command, values by input. */
export interface Config {
  readonly file: string
  readonly sections: Readonly<Record<string, Readonly<Record<string, Json>>>>
}

/** A value and where it came from, in the words of --print-config. */
export interface Setting {
  readonly value: Json | undefined
  readonly origin: string
}

/** The file that is read when it is there and no other is named. */
const DEFAULT_CONFIG = 'pressroom.yaml'

/**
 * Reads the settings file and checks it against the generated schema.
 * @param path as given with --config; undefined reads `pressroom.yaml` if there is one
 * @throws PressroomError `file-not-found`, `not-readable`, `invalid-setting`
 */
export async function readConfig(
  path: string | undefined,
  commands: readonly Command[],
): Promise<Config | undefined> {
  const file = path ?? DEFAULT_CONFIG
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT' && path === undefined) return undefined
    if (systemCode(error) === 'ENOENT') {
      throw new PressroomError('file-not-found', `no settings file ${file}`, {
        fix: 'check what follows --config',
      })
    }
    throw new PressroomError('not-readable', `cannot read the settings file ${file}`, { cause: error })
  })
  if (text === undefined) return undefined
  // Loaded only where there is a file: most runs have none.
  const [yaml, { Ajv2020 }] = await Promise.all([import('js-yaml'), import('ajv/dist/2020.js')])
  const document = parseYaml(yaml.load, text, file)
  const ajv = new Ajv2020({ allErrors: true })
  const validate = ajv.compile<Config['sections']>(configSchema(commands))
  if (!validate(document)) {
    const faults = (validate.errors ?? []).map(error => explain(error, commands))
    throw new PressroomError('invalid-setting', `${file} has ${counted(faults.length, 'wrong setting')}`, {
      where: [...new Set(faults)].join('\n  '),
      fix: 'docs/reference/pressroom.schema.json describes the file; an editor can check it as you type',
    })
  }
  return { file, sections: document as Config['sections'] }
}

function parseYaml(load: (text: string) => unknown, text: string, file: string): unknown {
  try {
    return load(text) ?? {}
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
    throw new PressroomError('invalid-setting', `${file} is not YAML`, { where: reason, cause: error })
  }
}

/**
 * Settles each input's value: flag, then environment, then settings file, then default.
 * @param flags raw texts by input, as the command line had them
 * @throws PressroomError `invalid-setting` naming every value that is wrong and where it stands
 */
export function resolveSettings(
  command: Command,
  flags: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv,
  config: Config | undefined,
): Record<string, Setting> {
  const section = config?.sections[command.name] ?? {}
  const settings: Record<string, Setting> = {}
  const faults: string[] = []
  for (const [key, input] of Object.entries(command.inputs)) {
    if (input.role === 'secret') {
      settings[key] = env[input.env]
        ? { value: '(set, not shown)', origin: input.env }
        : { value: undefined, origin: 'not set' }
      continue
    }
    const kind = input.role === 'artifact' ? 'string' : input.kind
    const setting = pick(
      command.name,
      key,
      kind,
      input.role === 'parameter' ? input : undefined,
      flags,
      env,
      section,
      config,
    )
    settings[key] = setting
    if (setting.value === undefined) {
      if (input.presence === 'required') faults.push(`${flagOf(key)} is missing: ${input.help}`)
      continue
    }
    const fault = faultOf(input.role === 'artifact' ? { kind } : input, setting.value)
    if (fault !== undefined) faults.push(`${setting.origin} ${fault}`)
  }
  if (faults.length > 0) {
    const one = faults.length === 1
    throw new PressroomError('invalid-setting', one ? faults.join() : `${faults.length} settings are wrong`, {
      ...(!one && { where: faults.join('\n  ') }),
      fix: `see pressroom ${command.name} --help`,
    })
  }
  return settings
}

function pick(
  command: string,
  key: string,
  kind: AnyParameter['kind'],
  input: AnyParameter | undefined,
  flags: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv,
  section: Readonly<Record<string, Json>>,
  config: Config | undefined,
): Setting {
  const flag = flags[key]
  if (flag !== undefined) return { value: parseText(kind, flag), origin: flagOf(key) }
  for (const variable of [variableOf(command, key), input?.env]) {
    const value = variable === undefined ? undefined : env[variable]
    // An empty variable is how shells and workflows leave one out.
    if (variable !== undefined && value) return { value: parseText(kind, value), origin: variable }
  }
  const filed = section[key]
  if (filed !== undefined) return { value: filed, origin: `${config?.file}: ${command}.${key}` }
  return input?.default === undefined
    ? { value: undefined, origin: 'not set' }
    : { value: input.default as Json, origin: 'default' }
}

function explain(error: ErrorObject, commands: readonly Command[]): string {
  const path = error.instancePath.slice(1).replaceAll('/', '.')
  if (error.keyword !== 'additionalProperties') return `${path} ${error.message}`
  const unknown = String(error.params.additionalProperty)
  const known =
    path === ''
      ? commands.map(({ name }) => name)
      : Object.keys(commands.find(({ name }) => name === path)?.inputs ?? {})
  const full = path === '' ? unknown : `${path}.${unknown}`
  return `"${full}" is not a setting${suggest(unknown, known)}`
}
