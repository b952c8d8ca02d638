import { parseText } from '../../components/definition/check.ts'
import type { InputDefinitions, Json } from '../../components/definition/index.ts'
import { kebab } from '../../components/definition/names.ts'

/** An action's inputs, read in one block: parameters typed, artifacts as paths, secrets apart so that they can be masked. */
export interface ActionInputs {
  readonly parameters: Readonly<Record<string, Json>>
  readonly artifacts: Readonly<Record<string, string>>
  /** By environment variable. */
  readonly secrets: Readonly<Record<string, string>>
}

/**
 * Reads every input that the definitions name. An empty text means that the input was left out: that is all GitHub
 * tells an action of it.
 * @param get how an input's text is had, `core.getInput` in an action
 */
export function readInputs(definitions: InputDefinitions, get: (name: string) => string): ActionInputs {
  const parameters: Record<string, Json> = {}
  const artifacts: Record<string, string> = {}
  const secrets: Record<string, string> = {}
  for (const [key, definition] of Object.entries(definitions)) {
    const text = get(kebab(key))
    if (text === '') continue
    if (definition.role === 'secret') secrets[definition.env] = text
    else if (definition.role === 'artifact') artifacts[key] = text
    else parameters[key] = parseText(definition.kind, text)
  }
  return { parameters, artifacts, secrets }
}
