import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import { faultOf } from '../components/definition/check.ts'
import type { Json } from '../components/definition/index.ts'
import { counted } from '../core/counted.ts'
import { PressroomError } from '../core/errors.ts'
import { suggest } from '../core/nearest.ts'
import { parseOneYaml } from '../core/one-yaml.ts'
import { type Command, parameterOf } from './command.ts'
import type { Config, LoadCommands, Sections } from './config-file.ts'
import { configSchema, SHARED } from './config-schema.ts'

/**
 * Parses a settings file and checks it against the generated schema.
 * @throws PressroomError `invalid-setting` with every fault of the file
 */
export async function checkConfig(
  text: string,
  file: string,
  loadCommands: LoadCommands,
): Promise<Omit<Config, 'file'>> {
  const document = parseOneYaml(text, file)
  const names = Object.keys(document ?? {}).filter(name => !Object.hasOwn(SHARED, name))
  const commands = await loadCommands(names)
  const ajv = new Ajv2020({ allErrors: true })
  const validate = ajv.compile<Sections>(configSchema(commands))
  if (validate(document)) return divide(document)
  const faults = (validate.errors ?? []).map(error => explain(error, document as Sections, commands))
  throw new PressroomError('invalid-setting', `${file} has ${counted(faults.length, 'wrong setting')}`, {
    where: faults.join('\n  '),
    fix: 'docs/reference/pressroom.schema.json describes the file; an editor can check it as you type',
  })
}

/** Sections apart from what stands above them. */
function divide(document: Sections): Omit<Config, 'file'> {
  const entries = Object.entries(document)
  const isShared = ([name]: readonly [string, unknown]) => Object.hasOwn(SHARED, name)
  return {
    sections: Object.fromEntries(entries.filter(entry => !isShared(entry))),
    shared: Object.fromEntries(entries.filter(isShared)) as Sections[string],
  }
}

/** A fault of the file in the words that a flag's would have. The schema finds it, and says it less well. */
function explain(error: ErrorObject, sections: Sections, commands: readonly Command[]): string {
  const [section, key] = error.instancePath.split('/').slice(1)
  if (section !== undefined && Object.hasOwn(SHARED, section)) {
    return `${section} ${faultOf(SHARED[section as keyof typeof SHARED], sections[section] as Json)}`
  }
  const inputs = commands.find(({ name }) => name === section)?.inputs ?? {}
  if (error.keyword === 'additionalProperties') {
    const unknown = String(error.params.additionalProperty)
    const path = section === undefined ? unknown : `${section}.${unknown}`
    const input = inputs[unknown]
    if (input?.role === 'secret') {
      return `"${path}" is a secret, which belongs into no file: set ${input.env} in the environment`
    }
    const known =
      section === undefined
        ? [...Object.keys(SHARED), ...commands.map(({ name }) => name)]
        : Object.keys(inputs)
    const nearest = suggest(unknown, known)
    const homes = section === undefined && nearest === '' ? commandsWith(unknown, commands) : []
    return homes.length > 0
      ? `"${path}" stands alone; put it under its command: ${homes.join(', ')}`
      : `"${path}" is not a setting${nearest}`
  }
  if (section === undefined) return 'it must hold a section for each command'
  if (key === undefined) return `${section} ${faultOf({ kind: 'struct' }, sections[section])}`
  const input = inputs[key]
  const fault =
    input === undefined || input.role === 'secret'
      ? undefined
      : faultOf(parameterOf(input), sections[section]?.[key])
  return `${section}.${key} ${fault ?? error.message}`
}

function commandsWith(key: string, commands: readonly Command[]): readonly string[] {
  const have = ({ inputs }: Command) => Object.hasOwn(inputs, key) && inputs[key]?.role !== 'secret'
  return commands.filter(have).map(({ name }) => name)
}
