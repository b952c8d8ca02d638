import { boolean, choice, integer, list, text } from '../../../components/definition/index.ts'
import type { Command } from '../../command.ts'
import { exitCodeInput } from '../../verdict.ts'
import { homeInputs } from '../home.ts'
import { connectionInputs, experimentInputs } from '../kubeflow/inputs.ts'
import { logInputs, submissionInputs, waitInputs } from '../server-inputs.ts'
import { stagesInput } from '../stages-input.ts'
import { jobInputs, placeInputs } from '../vertex/inputs.ts'

export const run: Command = {
  name: 'run',
  description: 'Runs a pipeline, on this machine, on Kubeflow or on Vertex AI.',
  inputs: {
    pipeline: text({
      optional: true,
      help: 'A shipped pipeline, a TypeScript or JavaScript file, or compiled YAML; news when left out.',
    }),
    on: choice(['local', 'kubeflow', 'vertex'], { default: 'local', help: 'Where it runs.' }),
    set: list({ default: [], help: 'Inputs of the pipeline, as key=value; may be repeated.' }),
    ...homeInputs,
    resume: text({
      optional: true,
      help: 'Continues a run that did not succeed: its id, the start of it, or last. Finished tasks are kept.',
    }),
    lock: boolean({ default: false, help: 'Writes pressroom.lock: what the run stood on and what it made.' }),
    locked: boolean({ default: false, help: 'Fails when anything differs from pressroom.lock.' }),
    exitCode: exitCodeInput(
      'On this machine: exit status 3 when a verdict of the run, as that of validate, is no.',
    ),
    ...stagesInput,
    parallel: integer({
      optional: true,
      min: 1,
      help: 'Most tasks at once; as many as the machine has cores when left out.',
    }),
    timeout: integer({ optional: true, min: 1, help: 'Most seconds for a task.' }),
    ...logInputs,
    ...submissionInputs,
    ...waitInputs,
    ...connectionInputs,
    ...experimentInputs,
    ...placeInputs,
    ...jobInputs,
  },
  positions: ['pipeline'],
  verbatim: ['set', 'label'],
  shared: ['stages'],
  run: async () => (await import('./run.ts')).runPipeline,
}
