import {
  artifact,
  boolean,
  choice,
  defineStage,
  integer,
  list,
  number,
  optionalArtifact,
  type StageRetry,
  type StageRun,
  secret,
  struct,
  text,
} from '../../components/definition/index.ts'

const inputs = {
  rows: artifact('dataset', 'Rows.'),
  hints: optionalArtifact('any', 'Hints.'),
  modelName: text({ pattern: '[a-z]+|[0-9]+', examples: ['news'], help: 'The name.' }),
  registry: text({ env: 'MADE_REGISTRY', help: 'Where.' }),
  seed: integer({ default: 7, min: 0, help: 'The seed.' }),
  minMacroF1: number({ default: 0.5, max: 1, help: 'The least.' }),
  strict: boolean({ default: false, help: 'Whether.' }),
  engine: choice(['fast', 'exact'], { default: 'fast', help: 'Which one.' }),
  names: list({ default: ['a', 'b'], help: 'Some names.' }),
  extra: struct({ optional: true, help: 'Anything else.' }),
  apiToken: secret({ env: 'MADE_TOKEN', help: 'The token.' }),
  proxyToken: secret({ env: 'MADE_PROXY_TOKEN', optional: true, help: 'Another.' }),
}

const outputs = {
  report: artifact('markdown', 'The report.'),
  macroF1: number('The mean | the middle.'),
  previous: text('What was there.'),
}

/** What a made-up stage gets and does. */
export type MadeUpRun = StageRun<typeof inputs, typeof outputs>

/** A stage with an input of every kind that does what a test wants. */
export function madeUp(
  run: MadeUpRun = async () => {
    throw new Error('not run here')
  },
  more: { readonly retry?: StageRetry } = {},
) {
  const description = 'Has an input of every kind.'
  return defineStage({
    name: 'made-up',
    description,
    inputs,
    outputs,
    ...more,
    run: async () => ({ default: run }),
  })
}
