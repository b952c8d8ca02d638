import { join, resolve } from 'node:path'
import { parseText } from '../components/definition/check.ts'
import type { Json } from '../components/definition/index.ts'
import { PressroomError } from '../core/errors.ts'
import { registryOfEnvironment } from '../core/registry/index.ts'
import { KINDS } from '../pipelines/parameter-types.ts'
import type { PipelineSpec } from '../pipelines/specification.ts'

/**
 * Inputs of a pipeline from `key=value` texts, each read as the kind that the pipeline declares.
 * @throws PressroomError `usage` for a text without `=`. Unknown keys and wrong values are the runner's to name.
 */
export function parseAssignments(spec: PipelineSpec, assignments: readonly Json[]): Record<string, Json> {
  const declared = spec.root.inputDefinitions?.parameters ?? {}
  return Object.fromEntries(
    assignments.map(assignment => {
      const [, key, value] = /^([^=]+)=(.*)$/s.exec(String(assignment)) ?? []
      if (key === undefined || value === undefined) {
        throw new PressroomError('usage', `--set ${assignment} is not key=value`, {
          where: `the pipeline's inputs: ${Object.keys(declared).join(', ')}`,
        })
      }
      const type = declared[key]?.parameterType
      return [key, parseText((type && KINDS[type]) ?? 'string', value)]
    }),
  )
}

/** The environment of a run's stages: the registry is the one in `home` unless the user's own environment names another. */
export function stageEnvironment(home: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, PRESSROOM_REGISTRY: registryOfEnvironment(env) ?? join(resolve(home), 'registry') }
}
