import { boolean, choice, integer, text } from '../../../components/definition/index.ts'
import type { Command } from '../../command.ts'

export const compile: Command = {
  name: 'compile',
  description: 'Compiles pipelines to the YAML that Kubeflow and Vertex AI run, or draws them.',
  inputs: {
    pipeline: text({
      default: 'news',
      help: 'A shipped pipeline, a TypeScript or JavaScript file, or a folder of such files.',
    }),
    out: text({
      optional: true,
      help: 'File to write, or folder for a folder. When left out: standard output for one file, beside each file for a folder and with --watch or --check.',
    }),
    check: boolean({
      default: false,
      help: 'Write nothing; fail with the difference when the written file is not what would be written.',
    }),
    watch: boolean({ default: false, help: 'Go on, and compile again on every change.' }),
    diagram: choice(['svg', 'mermaid'], {
      optional: true,
      help: 'Draw the pipeline in place of compiling it; compiled YAML can be drawn too.',
    }),
    target: choice(['kubeflow', 'vertex'], {
      optional: true,
      help: 'Refuse what this back end cannot run; when left out, all is written, with warnings.',
    }),
    timeout: integer({ default: 30, min: 1, help: 'Most seconds for one definition.' }),
  },
  positions: ['pipeline'],
  run: async () => (await import('./run.ts')).compilePipelines,
}
