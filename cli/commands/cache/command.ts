import { choice, text } from '../../../components/definition/index.ts'
import type { Command } from '../../command.ts'
import { homeInputs } from '../home.ts'

export const cache: Command = {
  name: 'cache',
  description:
    'Shares the results of tasks with other machines: pull takes what is missing here, push gives.',
  inputs: {
    direction: choice(['pull', 'push'], { help: 'Which way.' }),
    uri: text({ help: 'The place: a folder that the machines share.' }),
    home: homeInputs.home,
  },
  positions: ['direction', 'uri'],
  run: async () => (await import('./run.ts')).shareCache,
}
