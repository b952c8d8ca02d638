import { text } from './definition/index.ts'

/** Inputs that every stage which talks to the registry has. */
export const registryInputs = {
  name: text({
    pattern: '[A-Za-z0-9._-]+',
    help: 'The registered model: letters, digits, dot, dash and underscore.',
    examples: ['news'],
  }),
  registry: text({
    optional: true,
    env: 'PRESSROOM_REGISTRY',
    help: 'The registry: a folder, by default .pressroom/registry.',
  }),
}
