import { list } from '../../components/definition/index.ts'

/** Where the stages are that a team registers. `stages:` at the top of the settings file is the place for all commands. */
export const stagesInput = {
  stages: list({
    default: [],
    env: 'PRESSROOM_STAGES',
    help: 'Modules with stages of your own, or folders of them: their index, else each NAME/stage.ts.',
  }),
}
