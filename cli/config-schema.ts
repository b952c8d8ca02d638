import { type Schema, schemaOfSettings } from '../components/faces/schema.ts'
import type { Command } from './command.ts'

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
    properties: Object.fromEntries(sections),
    additionalProperties: false,
  }
}
