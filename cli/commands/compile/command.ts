import { text } from '../../../components/definition/index.ts'
import type { Command } from '../../command.ts'

export const compile: Command = {
  name: 'compile',
  description: 'Compiles a pipeline to the YAML that Kubeflow and Vertex AI run.',
  inputs: {
    pipeline: text({ default: 'news', help: 'A shipped pipeline, or a TypeScript or JavaScript file.' }),
    out: text({ optional: true, help: 'File to write; standard output when left out.' }),
  },
  positions: ['pipeline'],
  run: async () => (await import('./run.ts')).compilePipeline,
}
