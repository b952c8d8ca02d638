import { boolean, integer, text } from '../../../components/definition/index.ts'
import { registryInputs } from '../../../components/registry-inputs.ts'
import type { Command } from '../../command.ts'

export const deploy: Command = {
  name: 'deploy',
  description: 'Brings a target to what the registry says, or shows what would be done.',
  inputs: {
    file: text({
      optional: true,
      help: 'A deployment file; without one, every model with a champion is served on this machine.',
      examples: ['deployment.yaml'],
    }),
    registry: registryInputs.registry,
    dryRun: boolean({ default: false, help: 'Show the plan, and change nothing.' }),
    watch: boolean({
      default: false,
      help: 'Go on looking every minute until stopped; always so on this machine, whose service ends with the command.',
    }),
    port: integer({
      default: 8080,
      min: 0,
      max: 65_535,
      help: 'Port of the service on this machine; 0 takes any that is free.',
    }),
  },
  positions: ['file'],
  notes:
    'A rollout in steps is waited for to its end. Stopped midway, the next deploy goes on where it was: what must be\nremembered is kept by the target and in tags of the versions. docs/deploying.md has the whole file.',
  run: async () => (await import('./run.ts')).runDeploy,
}
