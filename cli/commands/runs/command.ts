import { choice, integer } from '../../../components/definition/index.ts'
import type { Command } from '../../command.ts'
import { homeInputs } from '../home.ts'
import { pruneInputs } from '../prune.ts'

export const runs: Command = {
  name: 'runs',
  description: 'Lists the runs on this machine, newest first, or removes old ones.',
  inputs: {
    action: choice(['list', 'prune'], { default: 'list', help: 'What to do.' }),
    keep: integer({ optional: true, min: 0, help: 'For prune: how many of the newest stay.' }),
    ...pruneInputs,
    home: homeInputs.home,
  },
  positions: ['action'],
  run: async () => (await import('./run.ts')).runsCommand,
}
