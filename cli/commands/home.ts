import { boolean, text } from '../../components/definition/index.ts'

/** Settings that every command which runs a pipeline has. */
export const homeInputs = {
  home: text({ default: '.pressroom', env: 'PRESSROOM_HOME', help: 'Folder for runs, cache and registry.' }),
  cache: boolean({
    default: true,
    help: 'Reuse the results of steps whose inputs, code and settings are unchanged.',
  }),
}
