import { boolean, integer, list, text } from '../../../components/definition/index.ts'
import type { Command } from '../../command.ts'
import { homeInputs } from '../home.ts'

export const up: Command = {
  name: 'up',
  description:
    'Does the whole job here: trains, registers, deploys and serves a model, and asks it one question.',
  inputs: {
    source: text({
      optional: true,
      help: 'Labelled rows; the newsroom that ships with Pressroom when left out.',
    }),
    set: list({ default: [], help: 'Further inputs of the news pipeline, as key=value; may be repeated.' }),
    once: boolean({ default: false, help: 'Stop after the first prediction.' }),
    headline: text({
      default: 'Central bank holds rates as inflation cools',
      help: 'What to ask the served model.',
    }),
    port: integer({
      default: 8080,
      min: 0,
      max: 65_535,
      help: 'Port of the service; 0 takes any that is free.',
    }),
    host: text({ default: '127.0.0.1', help: 'Address the service listens on.' }),
    ...homeInputs,
  },
  verbatim: ['set'],
  run: async () => (await import('./run.ts')).bringUp,
}
