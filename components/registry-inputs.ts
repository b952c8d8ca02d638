import { text } from './definition/index.ts'

/** What a registered model's name may be. */
export const MODEL_NAME = { pattern: '[A-Za-z0-9._-]+', examples: ['news'] } as const

/** Inputs that every stage which talks to the registry has. */
export const registryInputs = {
  name: text({ ...MODEL_NAME, help: 'The registered model: letters, digits, dot, dash and underscore.' }),
  registry: text({
    optional: true,
    env: 'PRESSROOM_REGISTRY',
    help: 'The registry: a folder, or the address of an MLflow server. By default MLFLOW_TRACKING_URI where that is one, else .pressroom/registry.',
  }),
}
