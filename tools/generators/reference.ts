import { COMMANDS } from '../../cli/commands/index.ts'
import { configSchema } from '../../cli/config-schema.ts'
import { referencePage } from '../../components/faces/reference.ts'
import { STAGES } from '../../components/stages.ts'
import { DEPLOYMENT_SCHEMA } from '../../webhook/deployment/schema.ts'
import { banner, type Generator } from './types.ts'

/** docs/reference/: a page a stage, and the schemas of settings files and deployment files. */
export const reference: Generator = {
  name: 'reference',
  owns: ['docs/reference/**'],
  generate: async () => {
    const pages = STAGES.map(stage => {
      const source = `components/${stage.name}/stage.ts`
      return [
        `docs/reference/${stage.name}.md`,
        `<!-- ${banner(source)} -->\n\n${referencePage(stage)}`,
      ] as const
    })
    const links = STAGES.map(({ name, description }) => `- [${name}](${name}.md): ${description}`)
    const index = `<!-- ${banner('components/stages.ts')} -->\n\n# Stages\n\n${links.join('\n')}\n\nSettings files: [pressroom.schema.json](pressroom.schema.json). Deployment files: [deployment.schema.json](deployment.schema.json).\n`
    const schema = { $comment: banner('cli/config-schema.ts'), ...configSchema(COMMANDS) }
    const deployment = { $comment: banner('webhook/deployment/schema.ts'), ...DEPLOYMENT_SCHEMA }
    return new Map([
      ...pages,
      ['docs/reference/README.md', index],
      ['docs/reference/deployment.schema.json', `${JSON.stringify(deployment, null, 2)}\n`],
      ['docs/reference/pressroom.schema.json', `${JSON.stringify(schema, null, 2)}\n`],
    ])
  },
}
