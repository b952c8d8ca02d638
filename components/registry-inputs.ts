import { choice, text } from './definition/index.ts'

/** What a registered model's name may be. */
const MODEL_NAME = { pattern: '[A-Za-z0-9._-]+', examples: ['news'] } as const

/** A version of a registered model may also be named whole, as MLflow does: models:/NAME@ALIAS, models:/NAME/3, models:/NAME/Production. */
export const MODEL_REFERENCE = {
  pattern: '[A-Za-z0-9._-]+|models:/+[A-Za-z0-9._-]+(/[A-Za-z0-9]+|@[A-Za-z0-9_-]+)',
  examples: ['news'],
} as const

/** MLflow's older way to say what serves. `help` says what for. */
export const stageInput = (help: string) =>
  choice(['None', 'Staging', 'Production', 'Archived'], { optional: true, help })

/** Inputs that every stage which talks to the registry has. */
export const registryInputs = {
  name: text({ ...MODEL_NAME, help: 'The registered model: letters, digits, dot, dash and underscore.' }),
  registry: text({
    optional: true,
    env: 'PRESSROOM_REGISTRY',
    help: 'The registry: a folder, or the address of an MLflow server. By default MLFLOW_TRACKING_URI where that is one, else .pressroom/registry.',
  }),
}
