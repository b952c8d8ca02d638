import type { AnyStage, InputDefinition, OutputDefinition } from '../definition/index.ts'
import { kebab } from '../definition/names.ts'

/** The reference page of a stage, as Markdown: what it takes, what it makes, and how to call it from each side. */
export function referencePage(stage: AnyStage): string {
  const inputs = Object.entries(stage.inputs)
  const rows = inputs.map(
    ([key, input]) => `| \`${key}\` | ${typeOf(input)} | ${standardOf(input)} | ${cell(input.help)} |`,
  )
  const outputs = Object.entries(stage.outputs).map(([key, output]) => {
    return `| \`${key}\` | ${typeOf(output)} | ${cell(output.help)} |`
  })
  const required = inputs.filter(([, input]) => input.role !== 'secret' && input.presence === 'required')
  const flags = required.map(([key, input]) => `--${kebab(key)} ${exampleOf(key, input)}`)
  const wires = required.map(([key, input]) =>
    input.role === 'artifact' ? `${key}: …` : `${key}: '${exampleOf(key, input)}'`,
  )
  const withs = required.map(([key, input]) => `${kebab(key)}: ${exampleOf(key, input)}`)
  return `# ${stage.name}

${stage.description}

${effectsOf(stage)}
## Inputs

| input | type | default | meaning |
| --- | --- | --- | --- |
${rows.join('\n')}

## Outputs

| output | type | meaning |
| --- | --- | --- |
${outputs.join('\n')}

## Calling it

\`\`\`sh
npx pressroom ${[stage.name, ...flags].join(' ')}
\`\`\`

\`\`\`ts
const task = ${stage.name}({ ${wires.join(', ')} })
\`\`\`

\`\`\`yaml
- uses: OWNER/pressroom/actions/${stage.name}@<sha>
  with: { ${withs.join(', ')} }
\`\`\`

On Kubeflow: load \`components/${stage.name}/component.yaml\`.
`
}

function effectsOf(stage: AnyStage): string {
  if (stage.effects === undefined) return ''
  return 'It changes something outside its outputs: it is never cached, and running it again leaves the same state.\n'
}

function typeOf(definition: InputDefinition | OutputDefinition): string {
  switch (definition.role) {
    case 'artifact':
      return `${definition.type} artifact`
    case 'secret':
      return `secret, from \`${definition.env}\``
    case 'parameter':
      return definition.choices === undefined
        ? definition.kind + rangeOf(definition)
        : definition.choices.map(choice => `\`${choice}\``).join(', ')
  }
}

function rangeOf({ min, max }: { readonly min?: number; readonly max?: number }): string {
  if (min === undefined && max === undefined) return ''
  if (max === undefined) return `, at least ${min}`
  return min === undefined ? `, at most ${max}` : `, ${min} to ${max}`
}

function standardOf(definition: InputDefinition): string {
  if (definition.presence === 'required') return '**required**'
  return definition.role === 'parameter' && definition.default !== undefined
    ? `\`${JSON.stringify(definition.default)}\``
    : 'optional'
}

function exampleOf(key: string, definition: InputDefinition): string {
  const example = definition.role === 'parameter' ? definition.examples?.[0] : undefined
  return example === undefined ? `path/to/${kebab(key)}` : String(example)
}

/** A pipe would end the table's cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
