import { faultOfGiven, parseText } from '../../components/definition/check.ts'
import type { InputDefinition, InputDefinitions, Json } from '../../components/definition/index.ts'
import { kebab } from '../../components/definition/names.ts'
import { PressroomError } from '../../core/errors.ts'

/** An action's inputs, read in one block: parameters typed, artifacts as paths, secrets apart so that they can be masked. */
export interface ActionInputs {
  readonly parameters: Readonly<Record<string, Json>>
  readonly artifacts: Readonly<Record<string, string>>
  /** By environment variable. */
  readonly secrets: Readonly<Record<string, string>>
}

/**
 * Reads and checks every input that the definitions name. An empty text means that the input was left out: that is all
 * GitHub tells an action of it, and it looks after `required` no more than that.
 * @param get how an input's text is had, `core.getInput` in an action
 * @param env where inputs that name a variable may come from instead
 * @throws PressroomError `invalid-parameter` with every input that is missing or wrong, named as in the workflow
 */
export function readInputs(
  definitions: InputDefinitions,
  get: (name: string) => string,
  env: NodeJS.ProcessEnv,
): ActionInputs {
  const parameters: Record<string, Json> = {}
  const artifacts: Record<string, string> = {}
  const secrets: Record<string, string> = {}
  const faults: string[] = []
  for (const [key, definition] of Object.entries(definitions)) {
    const name = kebab(key)
    const text = get(name)
    if (text === '') {
      if (isMissing(definition, env)) faults.push(`"${name}" is missing: ${definition.help}`)
    } else if (definition.role === 'secret') secrets[definition.env] = text
    else if (definition.role === 'artifact') artifacts[key] = text
    else {
      const value = parseText(definition.kind, text)
      const fault = faultOfGiven(definition, value)
      if (fault !== undefined) faults.push(`"${name}" ${fault}`)
      parameters[key] = value
    }
  }
  if (faults.length === 0) return { parameters, artifacts, secrets }
  const one = faults.length === 1
  throw new PressroomError(
    'invalid-parameter',
    one ? faults.join() : `${faults.length} inputs are wrong`,
    one ? { fix: 'correct it under with:' } : { where: faults.join('\n  '), fix: 'correct them under with:' },
  )
}

function isMissing(definition: InputDefinition, env: NodeJS.ProcessEnv): boolean {
  if (definition.presence !== 'required') return false
  return definition.role === 'artifact' || definition.env === undefined || !env[definition.env]
}
