import type { Json } from '../../components/definition/index.ts'
import { isValueName } from '../language/component.ts'
import type { AnyPipeline } from '../language/pipeline.ts'
import type { Faults } from './faults.ts'
import { literalFault } from './values.ts'

const PIPELINE = /^[a-z0-9][a-z0-9-]{0,127}$/

/**
 * Reports names that Kubeflow cannot carry, and defaults that their inputs do not take.
 * @param parameters defaults in place of the pipeline's own
 */
export function checkInterface(
  pipeline: AnyPipeline,
  parameters: Readonly<Record<string, Json>> | undefined,
  faults: Faults,
): void {
  if (!PIPELINE.test(pipeline.name)) {
    const fix = 'use lower-case letters, digits and dashes, 128 at most, no dash first'
    faults.add('name', `"${pipeline.name}" is no name for a pipeline`, fix)
  }
  checkRun(pipeline, faults)
  for (const [name, input] of Object.entries(pipeline.inputs)) {
    if (!isValueName(name)) {
      faults.add(`inputs.${name}`, 'is no name for an input', 'use letters, digits and _, a letter first')
    }
    if (input.role !== 'parameter' || input.presence !== 'defaulted') continue
    const fault = literalFault(input, input.default)
    if (fault !== undefined) faults.add(`inputs.${name}`, `default ${fault}`, 'correct the default')
  }
  for (const [name, value] of Object.entries(parameters ?? {})) {
    const input = Object.hasOwn(pipeline.inputs, name) ? pipeline.inputs[name] : undefined
    if (input?.role !== 'parameter') {
      const known = Object.entries(pipeline.inputs).flatMap(([key, { role }]) =>
        role === 'parameter' ? [key] : [],
      )
      faults.add(`parameters.${name}`, 'is no parameter', `the pipeline takes ${known.join(', ') || 'none'}`)
      continue
    }
    const fault = literalFault(input, value)
    if (fault !== undefined) faults.add(`parameters.${name}`, fault, input.help || 'correct the value')
  }
}

/** `_SIZE_REGEX` of kfp/dsl/pipeline_config.py. */
const SIZE = /^(?:0|[1-9]\d*)(?:\.\d+)?(?:[KMGTPE]i?)?$/

/** Seconds; the back end keeps them in 32 bits. */
const LONGEST = 2 ** 31 - 1

function checkRun({ workspace, timeToLive, deadline }: AnyPipeline, faults: Faults): void {
  if (workspace !== undefined && !SIZE.test(workspace.size)) {
    faults.add('workspace', `"${workspace.size}" is no size`, "write '10Gi' or '500Mi'")
  }
  const kept = typeof timeToLive === 'number' ? { any: timeToLive } : (timeToLive ?? {})
  for (const [name, seconds] of [
    ...Object.values(kept).map(value => ['timeToLive', value] as const),
    ['deadline', deadline] as const,
  ]) {
    if (seconds === undefined || (Number.isSafeInteger(seconds) && seconds >= 0 && seconds <= LONGEST))
      continue
    faults.add(name, `cannot be ${seconds} seconds`, `give whole seconds from 0 to ${LONGEST}`)
  }
}
