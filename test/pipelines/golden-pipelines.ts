import type { CompileOptions } from '../../pipelines/compiler/index.ts'
import {
  type AnyPipeline,
  artifact,
  boolean,
  container,
  integer,
  number,
  pipeline,
  text,
  when,
} from '../../pipelines/index.ts'
import type { PipelineSpec } from '../../pipelines/specification.ts'
import collectedArtifacts from './goldens/collected-artifacts.ts'
import collectedParameters from './goldens/collected-parameters.ts'
import componentsWithOptionalArtifacts from './goldens/components-with-optional-artifacts.ts'
import containerWithConcatPlaceholder from './goldens/container-with-concat-placeholder.ts'
import containerWithIfPlaceholder from './goldens/container-with-if-placeholder.ts'
import deep from './goldens/deep.ts'
import edges from './goldens/edges.ts'
import ifElifElseComplex from './goldens/if-elif-else-complex.ts'
import ifElifElseWithOneofParameters from './goldens/if-elif-else-with-oneof-parameters.ts'
import ifElseWithOneofArtifacts from './goldens/if-else-with-oneof-artifacts.ts'
import localExecutionPipelineWithK8sOnlyMethods from './goldens/local-execution-pipeline-with-k8s-only-methods.ts'
import loops from './goldens/loops.ts'
import missingKubernetesOptionalInputs from './goldens/missing-kubernetes-optional-inputs.ts'
import nestedWithParameters from './goldens/nested-with-parameters.ts'
import nvidiaGpuSchedulingCheck from './goldens/nvidia-gpu-scheduling-check.ts'
import odds from './goldens/odds.ts'
import parallelForAfterDependency from './goldens/parallel-for-after-dependency.ts'
import parameterOneof from './goldens/parameter-oneof.ts'
import pipelineAsExitTask from './goldens/pipeline-as-exit-task.ts'
import pipelineInPipelineComplex from './goldens/pipeline-in-pipeline-complex.ts'
import pipelineWithEnv from './goldens/pipeline-with-env.ts'
import pipelineWithImporter from './goldens/pipeline-with-importer.ts'
import pipelineWithImporterAndGcpcTypes from './goldens/pipeline-with-importer-and-gcpc-types.ts'
import pipelineWithLoops from './goldens/pipeline-with-loops.ts'
import pipelineWithLoopsAndConditions from './goldens/pipeline-with-loops-and-conditions.ts'
import pipelineWithMultipleExitHandlers from './goldens/pipeline-with-multiple-exit-handlers.ts'
import pipelineWithNestedConditionsYaml from './goldens/pipeline-with-nested-conditions-yaml.ts'
import pipelineWithNestedLoops from './goldens/pipeline-with-nested-loops.ts'
import pipelineWithParallelforParallelism from './goldens/pipeline-with-parallelfor-parallelism.ts'
import pipelineWithPlaceholders from './goldens/pipeline-with-placeholders.ts'
import pipelineWithStringMachineFieldsTaskOutput from './goldens/pipeline-with-string-machine-fields-task-output.ts'
import pipelineWithTaskFinalStatusYaml from './goldens/pipeline-with-task-final-status-yaml.ts'
import pipelineWithTaskUsingIgnoreUpstreamFailure from './goldens/pipeline-with-task-using-ignore-upstream-failure.ts'
import pipelineWithVariousIoTypes from './goldens/pipeline-with-various-io-types.ts'
import pipelineWithVolume from './goldens/pipeline-with-volume.ts'
import pipelineWithWorkspace from './goldens/pipeline-with-workspace.ts'
import wide from './goldens/wide.ts'
import xgboostSamplePipeline from './goldens/xgboost-sample-pipeline.ts'

/** A golden of the Python SDK, and the same pipeline in our language. */
export interface Golden {
  readonly file: string
  readonly pipeline: AnyPipeline
  readonly options?: CompileOptions
  /** Brings the golden to where the Python SDK is known to be wrong and we differ (docs/kubeflow.md). */
  readonly difference?: (golden: PipelineSpec) => void
}

const UBI = 'registry.access.redhat.com/ubi9/python-311:latest'
const PYTHON_STUB = (name: string) => ({
  image: 'python:3.11',
  command: ['python3', '-m', 'kfp.dsl.executor_main'],
  args: ['--executor_input', '{{$}}', '--function_to_execute', name],
})

const toss = container(
  {
    name: 'toss',
    inputs: { sides: integer('') },
    outputs: {
      face: text(''),
      weight: number(''),
      fair: boolean(''),
      eyes: integer(''),
      log: artifact('dataset', ''),
    },
  },
  ({ inputs: { sides }, outputs: { face, weight, fair, eyes, log } }) => ({
    image: 'alpine',
    command: ['toss', sides],
    args: [face.file, weight.file, fair.file, eyes.file, log.path],
  }),
)
const report = container(
  { name: 'report', inputs: { log: artifact('dataset', ''), note: text({ help: '', default: 'none' }) } },
  ({ inputs }) => ({ image: 'alpine', command: ['report', inputs.log.path, inputs.note] }),
)
const bet = container({ name: 'bet', inputs: { face: text(''), stake: number('') } }, ({ inputs }) => ({
  image: 'alpine',
  command: ['bet', inputs.face, inputs.stake],
}))

/** Beside the tests, made by test/interop/kfp_goldens.py. */
export const OWN_GOLDENS: readonly Golden[] = [
  { file: 'odds.yaml', pipeline: odds },
  {
    file: 'nested-conditions.yaml',
    pipeline: pipeline(
      {
        name: 'nested-conditions',
        displayName: 'Nested conditions',
        description: 'Values of every kind across\nthe borders of groups.',
        inputs: {
          start: artifact('dataset', ''),
          limit: integer(''),
          sides: integer({ help: '', default: 6 }),
          share: number({ help: '', default: 0.5 }),
          go: boolean({ help: '', default: true }),
        },
      },
      ({ start, limit, sides, share, go }) => {
        const first = toss({ sides })
        const second = toss({ sides: 2 }).cache(false)
        when(first.face.is('heads'), () => {
          report({ log: second.log })
          when(second.eyes.isMore(limit), () => {
            const third = toss({ sides: limit }).cpu('500m').memory('256Mi')
            when(third.weight.isAtLeast(5), () => {
              bet({ face: first.face, stake: share }).named('The bet')
              report({ log: start, note: 'deep' }).after(third)
            })
            when(third.fair.is(false), () => {
              bet({ face: third.face, stake: third.weight }).retry(3, { backoff: 30 })
            })
          })
        })
        when(go.is(true), () => {
          report({ log: first.log }).after(second)
        })
        when(second.face.isNot(first.face), () => {
          bet({ face: 'edge', stake: 1.5 })
          when(second.eyes.isAtMost(3), () => {
            bet({ face: 'tails', stake: 2 })
          })
        })
      },
    ),
  },
  {
    file: 'same-names.yaml',
    pipeline: pipeline({ name: 'same-names' }, () => {
      const first = toss({ sides: 1 })
      const second = toss({ sides: 2 }).after(first)
      when(second.eyes.isLess(0), () => {
        toss({ sides: 3 })
        when(first.fair, () => {
          toss({ sides: 4 }).after(first)
        })
      })
    }),
  },
  { file: 'deep.yaml', pipeline: deep },
  { file: 'wide.yaml', pipeline: wide },
  { file: 'loops.yaml', pipeline: loops },
  { file: 'edges.yaml', pipeline: edges },
]

const containerIo = container(
  { name: 'container-io', inputs: { text: text('') }, outputs: { output_path: text('') } },
  ({ inputs, outputs }) => ({
    image: UBI,
    command: ['my_program', inputs.text],
    args: ['--output_path', outputs.output_path.file],
  }),
)
const echo = container(
  { name: 'echo', inputs: { param1: text(''), param2: text('') } },
  ({ inputs: { param1, param2 } }) => ({ image: UBI, command: ['echo'], args: [`${param1}-${param2}`] }),
)
const hello = container({ name: 'echo' }, () => ({ image: UBI, command: ['echo'], args: ['hello world'] }))
const noInput = container({ name: 'container-no-input' }, () => ({
  image: UBI,
  command: ['echo', 'hello world'],
}))
const trainer = container(
  {
    name: 'container-with-artifact-output',
    inputs: { num_epochs: integer('') },
    outputs: { model: artifact('model', ''), model_config_path: text('') },
  },
  ({ inputs, outputs: { model, model_config_path } }) => ({
    image: 'gcr.io/my-image',
    command: ['sh', 'run.sh'],
    args: [
      ...['--epochs', inputs.num_epochs],
      ...['--model_path', model.uri],
      ...['--model_metadata', model.metadata],
      ...['--model_config_path', model_config_path.file],
    ],
  }),
)
const prefixed = container(
  {
    name: 'container-with-placeholder-in-fstring',
    inputs: { text1: text({ help: '', default: 'text!' }) },
    outputs: { output_artifact: artifact('any', '') },
  },
  ({ inputs, outputs }) => ({
    image: UBI,
    command: ['my_program', `prefix-${inputs.text1}`, `${outputs.output_artifact.uri}/0`],
  }),
)
const printText = container({ name: 'print_text', inputs: { text: text('') } }, ({ inputs }) => ({
  image: 'alpine',
  command: ['sh', '-c', 'set -e -x\necho "$0"\n', inputs.text],
}))
const producer = container(
  { name: 'producer', inputs: { input_text: text('') }, outputs: { output_value: text('') } },
  ({ inputs, outputs }) => ({
    image: UBI,
    command: [
      'sh',
      '-c',
      'set -e -x\nmkdir -p "$(dirname "$1")"\necho "$0, this is an output parameter" > "$1"\n',
      inputs.input_text,
      outputs.output_value.file,
    ],
  }),
)
const consumer = container({ name: 'consumer', inputs: { input_value: text('') } }, ({ inputs }) => ({
  image: UBI,
  command: [
    'sh',
    '-c',
    'set -e -x\necho "Read from an input parameter: " && echo "$0"\n',
    inputs.input_value,
  ],
}))
const download = container(
  { name: 'download', inputs: { url: text('') }, outputs: { downloaded: text('') } },
  ({ inputs, outputs }) => ({
    image: 'google/cloud-sdk',
    command: ['sh', '-c'],
    args: [`gsutil cp ${inputs.url} ${outputs.downloaded.file}`],
  }),
)
const echoDownloaded = container({ name: 'echo', inputs: { downloaded: text('') } }, ({ inputs }) => ({
  image: 'library/bash',
  command: ['sh', '-c'],
  args: [`echo ${inputs.downloaded}`],
}))
const component1 = container(
  { name: 'component1', inputs: { text: text('') }, outputs: { output_gcs: artifact('dataset', '') } },
  ({ inputs, outputs }) => ({
    image: 'alpine',
    command: ['sh', '-c', 'mkdir --parents $(dirname "$1") && echo "$0" > "$1"'],
    args: [inputs.text, outputs.output_gcs.path],
  }),
)
const component2 = container(
  { name: 'component2', inputs: { input_gcs: artifact('dataset', '') } },
  ({ inputs }) => ({ image: 'alpine', command: ['cat'], args: [inputs.input_gcs.path] }),
)
const add = container(
  { name: 'add', inputs: { a: number(''), b: number('') }, outputs: { Output: number('') } },
  () => PYTHON_STUB('add'),
)

/** In ../shared/kfp-goldens, where the project's workshop has it. */
export const SHARED_GOLDENS: readonly Golden[] = [
  {
    file: 'full/arguments_parameters.yaml',
    options: { parameters: { param1: 'hello' } },
    pipeline: pipeline(
      { name: 'echo', inputs: { param1: text(''), param2: text('') } },
      ({ param1, param2 }) => {
        echo({ param1, param2 })
      },
    ),
  },
  {
    file: 'full/container_io.yaml',
    pipeline: pipeline({ name: 'container-io', inputs: { text: text('') } }, ({ text }) => {
      const { output_path } = containerIo({ text })
      return { output_path }
    }),
  },
  {
    file: 'full/container_no_input.yaml',
    pipeline: pipeline({ name: 'container-no-input' }, () => {
      noInput()
    }),
  },
  {
    file: 'full/container_with_artifact_output.yaml',
    pipeline: pipeline(
      { name: 'container-with-artifact-output', inputs: { num_epochs: integer('') } },
      ({ num_epochs }) => {
        const { model, model_config_path } = trainer({ num_epochs })
        return { model, model_config_path }
      },
    ),
  },
  {
    file: 'full/container_with_placeholder_in_fstring.yaml',
    pipeline: pipeline(
      {
        name: 'container-with-placeholder-in-fstring',
        inputs: { text1: text({ help: '', default: 'text!' }) },
      },
      ({ text1 }) => ({ output_artifact: prefixed({ text1 }).output_artifact }),
    ),
  },
  {
    file: 'full/hello_world.yaml',
    pipeline: pipeline({ name: 'echo' }, () => {
      hello()
    }),
  },
  {
    file: 'full/pipeline_with_after.yaml',
    pipeline: pipeline({ name: 'pipeline-with-after' }, () => {
      const first = printText({ text: '1st task' })
      const second = printText({ text: '2nd task' }).after(first)
      printText({ text: '3rd task' }).after(first, second)
    }),
  },
  {
    file: 'full/producer_consumer_param_pipeline.yaml',
    pipeline: pipeline(
      {
        name: 'producer-consumer-param-pipeline',
        inputs: { text: text({ help: '', default: 'Hello world' }) },
      },
      ({ text }) => {
        consumer({ input_value: producer({ input_text: text }).output_value })
      },
    ),
  },
  {
    file: 'full/sequential_v2.yaml',
    pipeline: pipeline({ name: 'sequential', inputs: { url: text('') } }, ({ url }) => {
      echoDownloaded({ downloaded: download({ url }).downloaded })
    }),
  },
  {
    file: 'full/two_step_pipeline_containerized.yaml',
    options: { parameters: { text: 'Hello KFP Containerized!' } },
    pipeline: pipeline(
      { name: 'containerized-two-step-pipeline', inputs: { text: text('') } },
      ({ text }) => {
        component2({ input_gcs: component1({ text }).output_gcs })
      },
    ),
  },
  {
    file: 'structure/pipeline_with_retry.yaml',
    pipeline: pipeline(
      {
        name: 'test-pipeline',
        inputs: { a: number({ help: '', default: 1 }), b: number({ help: '', default: 7 }) },
      },
      ({ a, b }) => {
        add({ a, b }).retry(3)
      },
    ),
  },
  { file: 'full/container_with_concat_placeholder.yaml', pipeline: containerWithConcatPlaceholder },
  { file: 'full/container_with_if_placeholder.yaml', pipeline: containerWithIfPlaceholder },
  { file: 'full/nvidia_gpu_scheduling_check.yaml', pipeline: nvidiaGpuSchedulingCheck },
  { file: 'full/pipeline_with_importer_and_gcpc_types.yaml', pipeline: pipelineWithImporterAndGcpcTypes },
  { file: 'full/pipeline_with_nested_conditions_yaml.yaml', pipeline: pipelineWithNestedConditionsYaml },
  { file: 'full/pipeline_with_task_final_status_yaml.yaml', pipeline: pipelineWithTaskFinalStatusYaml },
  { file: 'full/pipeline_with_various_io_types.yaml', pipeline: pipelineWithVariousIoTypes },
  { file: 'full/xgboost_sample_pipeline.yaml', pipeline: xgboostSamplePipeline },
  { file: 'structure/collected_artifacts.yaml', pipeline: collectedArtifacts },
  { file: 'structure/collected_parameters.yaml', pipeline: collectedParameters },
  { file: 'structure/components_with_optional_artifacts.yaml', pipeline: componentsWithOptionalArtifacts },
  { file: 'structure/if_elif_else_complex.yaml', pipeline: ifElifElseComplex },
  { file: 'structure/if_elif_else_with_oneof_parameters.yaml', pipeline: ifElifElseWithOneofParameters },
  { file: 'structure/if_else_with_oneof_artifacts.yaml', pipeline: ifElseWithOneofArtifacts },
  {
    file: 'structure/local_execution_pipeline_with_k8s_only_methods.yaml',
    pipeline: localExecutionPipelineWithK8sOnlyMethods,
  },
  { file: 'structure/missing_kubernetes_optional_inputs.yaml', pipeline: missingKubernetesOptionalInputs },
  { file: 'structure/nested_with_parameters.yaml', pipeline: nestedWithParameters },
  { file: 'structure/parallel_for_after_dependency.yaml', pipeline: parallelForAfterDependency },
  { file: 'structure/parameter_oneof.yaml', pipeline: parameterOneof },
  { file: 'structure/pipeline_as_exit_task.yaml', pipeline: pipelineAsExitTask },
  { file: 'structure/pipeline_in_pipeline_complex.yaml', pipeline: pipelineInPipelineComplex },
  { file: 'structure/pipeline_with_env.yaml', pipeline: pipelineWithEnv },
  { file: 'structure/pipeline_with_importer.yaml', pipeline: pipelineWithImporter },
  { file: 'structure/pipeline_with_loops.yaml', pipeline: pipelineWithLoops },
  { file: 'structure/pipeline_with_loops_and_conditions.yaml', pipeline: pipelineWithLoopsAndConditions },
  { file: 'structure/pipeline_with_multiple_exit_handlers.yaml', pipeline: pipelineWithMultipleExitHandlers },
  { file: 'structure/pipeline_with_nested_loops.yaml', pipeline: pipelineWithNestedLoops },
  {
    file: 'structure/pipeline_with_parallelfor_parallelism.yaml',
    pipeline: pipelineWithParallelforParallelism,
  },
  { file: 'structure/pipeline_with_placeholders.yaml', pipeline: pipelineWithPlaceholders },
  {
    file: 'structure/pipeline_with_string_machine_fields_task_output.yaml',
    pipeline: pipelineWithStringMachineFieldsTaskOutput,
    difference: ({ root }) => {
      // The SDK forgets to wait for the tasks that the resources come from.
      const dependentTasks = ['accelerator-limit', 'accelerator-type', 'cpu-limit', 'memory-limit']
      Object.assign(root.dag!.tasks!['sum-numbers']!, { dependentTasks })
    },
  },
  {
    file: 'structure/pipeline_with_task_using_ignore_upstream_failure.yaml',
    pipeline: pipelineWithTaskUsingIgnoreUpstreamFailure,
  },
  { file: 'structure/pipeline_with_volume.yaml', pipeline: pipelineWithVolume },
  { file: 'structure/pipeline_with_workspace.yaml', pipeline: pipelineWithWorkspace },
]
