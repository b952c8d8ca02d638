import type { InputDefinitions, OutputDefinitions } from '../definition/index.ts'
import { kebab } from '../definition/names.ts'

/** What an action.yml is made of, whatever stands behind it: a stage, or a whole pipeline. */
export interface ActionDefinition {
  readonly name: string
  readonly description: string
  readonly inputs: InputDefinitions
  readonly outputs: OutputDefinitions
  /** The script, relative to the action.yml. */
  readonly main: string
}

/** An action.yml as plain data; the keys are GitHub's (metadata syntax for GitHub Actions). */
export interface ActionFile {
  readonly name: string
  readonly description: string
  readonly author: string
  readonly branding: { readonly icon: string; readonly color: string }
  readonly inputs: Readonly<Record<string, { description: string; required: boolean; default?: string }>>
  readonly outputs: Readonly<Record<string, { description: string }>>
  readonly runs: { readonly using: string; readonly main: string }
}

/**
 * The action.yml of a definition. Inputs and outputs are kebab-case, as in most actions; artifacts are paths; secrets
 * are inputs that the action masks before anything else, since a step's environment shows in its log.
 */
export function actionFile(definition: ActionDefinition): ActionFile {
  const inputs = Object.entries(definition.inputs).map(([key, input]) => {
    const standard = input.role === 'parameter' ? input.default : undefined
    return [
      kebab(key),
      {
        description:
          input.role === 'parameter' && input.choices
            ? `${input.help} One of ${input.choices.join(', ')}.`
            : input.help,
        required: input.presence === 'required',
        ...(standard !== undefined && {
          default: typeof standard === 'string' ? standard : JSON.stringify(standard),
        }),
      },
    ] as const
  })
  const outputs = Object.entries(definition.outputs).map(([key, output]) => {
    return [
      kebab(key),
      { description: output.role === 'artifact' ? `Path of: ${output.help}` : output.help },
    ] as const
  })
  return {
    name: definition.name,
    description: definition.description,
    author: 'Pressroom',
    branding: { icon: 'file-text', color: 'gray-dark' },
    inputs: Object.fromEntries(inputs),
    outputs: Object.fromEntries(outputs),
    runs: { using: 'node24', main: definition.main },
  }
}
