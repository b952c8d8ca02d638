import {
  aBoolean,
  aCount,
  aString,
  aStringLike,
  type Decoded,
  listOf,
  maybe,
  objectOf,
} from '../../../core/decode.ts'
import {
  aPositive,
  type CommonSettings,
  commonFields,
  completed,
  decoded,
  type Env,
  invalid,
} from '../google/common-settings.ts'

const aSettings = objectOf({
  ...commonFields,
  command: maybe(listOf(aString)),
  args: maybe(listOf(aString)),
  machineType: maybe(aStringLike(/^[a-z0-9]+(-[a-z0-9]+)+$/, 'a machine type such as n1-standard-4')),
  accelerator: maybe(
    objectOf({
      type: aStringLike(/^[A-Z0-9_]+$/, 'an accelerator such as NVIDIA_TESLA_T4'),
      count: aPositive,
    }),
  ),
  minReplicas: maybe(aPositive),
  maxReplicas: maybe(aPositive),
  autoscaling: maybe(objectOf({ cpu: maybe(aPositive), accelerator: maybe(aPositive) })),
  dedicatedEndpoint: maybe(aBoolean),
  deployTimeoutMinutes: maybe(aPositive),
  startupSeconds: maybe(aCount),
})

/** What the target on Vertex AI is told. */
export interface VertexSettings extends CommonSettings {
  readonly command?: readonly string[] | undefined
  readonly args?: readonly string[] | undefined
  /** Default `n1-standard-2`, the smallest that every region of Vertex AI has. */
  readonly machineType: string
  /** A GPU of Vertex AI's list (`NVIDIA_TESLA_T4`), and how many a replica has. */
  readonly accelerator?: { readonly type: string; readonly count: number } | undefined
  /** Replicas of each version, from 1. Default 1; at most as many as at least. */
  readonly minReplicas: number
  readonly maxReplicas: number
  /** Percent of use that replicas are added at. Vertex AI's default is 60, of both. */
  readonly autoscaling?:
    | { readonly cpu?: number | undefined; readonly accelerator?: number | undefined }
    | undefined
  /** An endpoint with an address of its own: 10 MB a request and up to an hour, and not under the region's address. */
  readonly dedicatedEndpoint: boolean
  /** Minutes until a container must be ready; 120 at most. Default: Vertex AI's own. */
  readonly deployTimeoutMinutes?: number | undefined
  /** Seconds that the model may take to load before its health counts. Default 300. */
  readonly startupSeconds: number
}

/**
 * Reads the settings of the target on Vertex AI. `PROJECT_ID`, `LOCATION` and `CONTAINER_IMAGE_URI` in the environment are enough.
 * @param value the target's part of a deployment file; undefined when there is none
 * @throws PressroomError `invalid-setting`
 */
export function parseVertexSettings(value: unknown, env: Env): VertexSettings {
  const given: Decoded<typeof aSettings> = decoded('vertex', () => aSettings(value ?? {}, 'vertex'))
  const { minReplicas = 1, ...rest } = completed('vertex', given, env)
  const settings: VertexSettings = {
    ...rest,
    machineType: rest.machineType ?? 'n1-standard-2',
    minReplicas,
    maxReplicas: rest.maxReplicas ?? minReplicas,
    dedicatedEndpoint: rest.dedicatedEndpoint ?? false,
    startupSeconds: rest.startupSeconds ?? 300,
  }
  if (settings.maxReplicas < minReplicas) {
    throw invalid('vertex', `maxReplicas is ${settings.maxReplicas} and minReplicas ${minReplicas}`)
  }
  if ((settings.deployTimeoutMinutes ?? 0) > 120) {
    throw invalid(
      'vertex',
      `deployTimeoutMinutes is ${settings.deployTimeoutMinutes}`,
      'Vertex AI allows 120 at most',
    )
  }
  return settings
}
