import { dump } from 'js-yaml'
import { pipelineAction } from '../../actions/pipeline/definition.ts'
import { type ActionDefinition, actionFile } from '../../components/faces/action.ts'
import { STAGES } from '../../components/stages.ts'
import { banner, type Generator } from './types.ts'

/** The action.yml at the root, which runs a whole pipeline, and one for each stage. */
export const actions: Generator = {
  name: 'actions',
  owns: ['action.yml', 'actions/*/action.yml'],
  generate: async () => {
    const stages = STAGES.map(stage => {
      const definition = { ...stage, name: `Pressroom ${stage.name}`, main: `../../dist/${stage.name}.js` }
      return [
        `actions/${stage.name}/action.yml`,
        text(definition, `components/${stage.name}/stage.ts`),
      ] as const
    })
    return new Map([['action.yml', text(pipelineAction, 'actions/pipeline/definition.ts')], ...stages])
  },
}

function text(definition: ActionDefinition, source: string): string {
  return `# ${banner(source)}\n${dump(actionFile(definition), { lineWidth: -1, noRefs: true })}`
}
