import type { Call, OutputDefinitions } from '../../../components/definition/index.ts'
import { container, text } from '../../../pipelines/index.ts'
import type { PipelineInputs } from '../../../pipelines/language/graph.ts'

/** A Python component as the goldens have it: a stub stands where its source was. */
export function python<
  const I extends PipelineInputs = Record<never, never>,
  const O extends OutputDefinitions = Record<never, never>,
>(
  name: string,
  io: { readonly inputs?: I; readonly outputs?: O } = {},
  image = 'python:3.11',
): Call<I, O> {
  return container({ name: name.replaceAll('_', '-'), ...io }, () => ({
    image,
    command: ['python3', '-m', 'kfp.dsl.executor_main'],
    args: ['--executor_input', '{{$}}', '--function_to_execute', name],
  }))
}

export const UBI = 'registry.access.redhat.com/ubi9/python-311:latest'

/** The single value that a Python function returns. */
export const returnsText = { outputs: { Output: text('') } } as const
