import { choice, text } from '../../../components/definition/index.ts'
import type { Command } from '../../command.ts'
import { homeInputs } from '../home.ts'
import { pruneInputs } from '../prune.ts'

export const cache: Command = {
  name: 'cache',
  description:
    'Shares the results of tasks with other machines: pull takes what is missing here, push gives; prune removes old ones, and old copies of what was imported from buckets.',
  inputs: {
    direction: choice(['pull', 'push', 'prune'], { help: 'Which way.' }),
    uri: text({
      optional: true,
      help: 'The place: a folder that the machines share, gs://bucket/prefix or s3://bucket/prefix.',
    }),
    maxSize: text({
      optional: true,
      pattern: '[0-9]+(\\.[0-9]+)?(KB|MB|GB)',
      examples: ['5GB'],
      help: 'For prune: how much may stay, of what was used last.',
    }),
    ...pruneInputs,
    home: homeInputs.home,
  },
  positions: ['direction', 'uri'],
  run: async () => (await import('./run.ts')).shareCache,
}
