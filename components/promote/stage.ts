import { defineStage, text } from '../definition/index.ts'
import { registryInputs } from '../registry-inputs.ts'

export const inputs = {
  ...registryInputs,
  version: text({ help: 'The version, as register gave it.', examples: ['3'] }),
  alias: text({ default: 'champion', help: 'The alias to move.' }),
}

export const outputs = {
  previous: text('The version that the alias pointed at before; empty when there was none.'),
}

export const promote = defineStage({
  name: 'promote',
  description: 'Points an alias of a registered model at one of its versions.',
  inputs,
  outputs,
  effects: 'outside',
  resources: { cpu: '1', memory: '512Mi' },
  run: () => import('./run.ts'),
})
