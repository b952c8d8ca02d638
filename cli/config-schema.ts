import { mapRecord } from '../components/faces/files.ts'
import { type Schema, schemaOfParameter, schemaOfSettings } from '../components/faces/schema.ts'
import type { Command } from './command.ts'
import { stagesInput } from './commands/stages-input.ts'

/** What may stand at the top of the settings file, for all commands that have it. */
export const SHARED = stagesInput

/** The JSON Schema of the settings file: a section a command, nothing unknown. Generated into docs/reference/. */
export function configSchema(commands: readonly Command[]): Schema {
  const sections = commands.map(({ name, inputs, description }) => [
    name,
    schemaOfSettings(inputs, description),
  ])
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Pressroom settings',
    type: 'object',
    properties: { ...mapRecord(SHARED, schemaOfParameter), ...Object.fromEntries(sections) },
    additionalProperties: false,
  }
}
