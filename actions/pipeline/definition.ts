import { number, text } from '../../components/definition/index.ts'
import type { ActionDefinition } from '../../components/faces/action.ts'
import news from '../../pipelines/news.ts'

/** The root action: the news pipeline in one step, with the pipeline's own inputs. */
export const pipelineAction = {
  name: 'Pressroom',
  description:
    'Trains, evaluates, validates and registers a text classifier from labelled rows, in one step.',
  inputs: {
    ...news.inputs,
    source: text({ help: news.inputs.source.help }),
    home: text({
      default: '.pressroom',
      help: 'Folder for runs, cache and registry; cache it between workflows to reuse steps.',
    }),
  },
  outputs: {
    accuracy: number('Share of the test rows with the right class.'),
    macroF1: number('Mean of the F1 of each class.'),
    verdict: text('Why the model may go on, or may not.'),
    version: text('The registered version; empty when the model did not pass.'),
    model: text('Path of the model folder.'),
    run: text('Folder of the run: logs, parameters, artifacts.'),
  },
  main: 'dist/index.js',
} satisfies ActionDefinition
