import type { Command } from '../../command.ts'
import { homeInputs } from '../home.ts'

export const runs: Command = {
  name: 'runs',
  description: 'Lists the runs on this machine, newest first.',
  inputs: { home: homeInputs.home },
  run: async () => (await import('./run.ts')).showRuns,
}
