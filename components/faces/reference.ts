import type { AnyParameter, AnyStage, InputDefinition, Json, OutputDefinition } from '../definition/index.ts'
import { kebab } from '../definition/names.ts'

const EFFECTS =
  'It changes something outside its outputs: it is never cached, and running it again leaves the same state.'

/** How a stage's other faces are named. */
export interface Addresses {
  /** What a workflow uses. */
  readonly action: string
  /** Undefined when there is none. */
  readonly component: string | undefined
}

/** The reference page of a stage, as Markdown: what it takes, what it makes, and how to call it from each side. */
export function referencePage(stage: AnyStage, { action, component }: Addresses = shipped(stage)): string {
  const inputs = Object.entries(stage.inputs)
  const required = inputs.filter(([, input]) => input.role !== 'secret' && input.presence === 'required')
  const examples = required.map(([key, input]) => [key, exampleOf(key, input), input.role] as const)
  const flags = examples.map(([key, example]) => `--${kebab(key)} ${inShell(example)}`)
  const wires = examples.map(
    ([key, example, role]) => `${key}: ${role === 'artifact' ? '…' : inTypeScript(example)}`,
  )
  const withs = examples.map(([key, example]) => `${kebab(key)}: ${inYaml(example)}`)
  const sections = [
    `# ${stage.name}`,
    stage.description,
    ...(stage.effects === undefined ? [] : [EFFECTS]),
    ...(stage.verdict === undefined ? [] : [verdictOf(stage.verdict)]),
    '## Inputs',
    table(
      ['input', 'type', 'default', 'meaning'],
      inputs.map(([key, input]) => [`\`${key}\``, typeOf(input), standardOf(input), meaningOf(input)]),
    ),
    '## Outputs',
    table(
      ['output', 'type', 'meaning'],
      Object.entries(stage.outputs).map(([key, output]) => [`\`${key}\``, typeOf(output), output.help]),
    ),
    '## Calling it',
    fence('sh', `npx pressroom ${[stage.name, ...flags].join(' ')}`),
    fence('ts', `const task = ${camel(stage.name)}(${braces(wires)})`),
    fence('yaml', `- uses: ${action}\n  with: ${braces(withs)}`),
    ...(component === undefined ? [] : [`On Kubeflow: load \`${component}\`.`]),
  ]
  return `${sections.join('\n\n')}\n`
}

function verdictOf(output: string): string {
  return `Its verdict is \`${output}\`. The command ends with status 0 either way, and with \`--exit-code\` with 3 when it is false.`
}

function shipped({ name }: AnyStage): Addresses {
  return {
    action: `OWNER/pressroom/actions/${name}@<sha>`,
    component: `components/${name}/component.yaml`,
  }
}

function typeOf(definition: InputDefinition | OutputDefinition): string {
  switch (definition.role) {
    case 'artifact':
      return `${definition.type} artifact`
    case 'secret':
      return `secret, from \`${definition.env}\``
    case 'parameter': {
      const { kind, choices, pattern } = definition
      if (choices !== undefined) return choices.map(choice => `\`${choice}\``).join(', ')
      return pattern === undefined ? kind + rangeOf(definition) : `${kind} like \`${pattern}\``
    }
  }
}

function rangeOf({ min, max }: AnyParameter): string {
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

function meaningOf(definition: InputDefinition): string {
  const { env } = definition.role === 'parameter' ? definition : {}
  return env === undefined ? definition.help : `${definition.help} Also from \`${env}\`.`
}

function exampleOf(key: string, definition: InputDefinition): Json {
  if (definition.role !== 'parameter') return `path/to/${kebab(key)}`
  const { kind, examples, choices, min, max } = definition
  const simplest: Record<typeof kind, Json> = {
    string: choices?.[0] ?? '…',
    integer: min ?? max ?? 1,
    number: min ?? max ?? 0.5,
    boolean: true,
    list: ['…'],
    struct: {},
  }
  return examples?.[0] ?? simplest[kind]
}

function inShell(example: Json): string {
  const text = typeof example === 'string' ? example : JSON.stringify(example)
  return /^[\w@%+=:,./…-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

function inTypeScript(example: Json): string {
  const plain = typeof example === 'string' && !/['\\\n]/.test(example)
  return plain ? `'${example}'` : JSON.stringify(example)
}

/** GitHub takes only texts: lists and objects go as JSON in one. */
function inYaml(example: Json): string {
  const text = typeof example === 'string' ? example : JSON.stringify(example)
  return /^[\w./…-]+$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`
}

function braces(entries: readonly string[]): string {
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}

function camel(name: string): string {
  return name.replace(/-./g, part => part.charAt(1).toUpperCase())
}

/** A pipe would end its cell, also inside a code span. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [
    head,
    head.map(() => '---'),
    ...rows.map(row => row.map(cell => cell.replaceAll('|', '\\|'))),
  ]
  return lines.map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``
}
