import { boolean, text } from '../../../components/definition/index.ts'
import type { Command } from '../../command.ts'
import { stagesInput } from '../stages-input.ts'

export const generate: Command = {
  name: 'generate',
  description: 'Writes what Kubeflow, GitHub and people see of stages of your own.',
  inputs: {
    ...stagesInput,
    out: text({ default: '.', help: "Your repository's root, where the files go." }),
    containerfile: boolean({
      default: true,
      help: 'Whether the Containerfile that puts the stages onto the Pressroom image is written too.',
    }),
    check: boolean({
      default: false,
      help: 'Writes nothing; fails, with the differences, when files are stale.',
    }),
  },
  positions: ['stages'],
  shared: ['stages'],
  notes: [
    'Files, for each stage that is found (in stages/ when none are named):',
    '  components/NAME/component.yaml     what Kubeflow loads; for stages that name their image',
    '  actions/NAME/action.yml, main.js   what a workflow uses, after npm ci',
    '  docs/stages/NAME.md                the reference page',
    '  Containerfile                      puts them onto the Pressroom image',
  ].join('\n'),
  run: async () => (await import('./run.ts')).generateFaces,
}
