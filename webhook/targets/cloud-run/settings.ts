import { aBoolean, aCount, aStringLike, maybe, objectOf } from '../../../core/decode.ts'
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
  cpu: maybe(aStringLike(/^[1-8]$/, 'whole CPUs, "1" to "8"')),
  memory: maybe(aStringLike(/^\d+(Mi|Gi)$/, 'memory such as 512Mi')),
  minInstances: maybe(aCount),
  maxInstances: maybe(aPositive),
  concurrency: maybe(aPositive),
  timeoutSeconds: maybe(aPositive),
  startupSeconds: maybe(aPositive),
  public: maybe(aBoolean),
})

/** What the target on Cloud Run is told. */
export interface CloudRunSettings extends CommonSettings {
  /** Default `1`. */
  readonly cpu: string
  /** Default `512Mi`. */
  readonly memory: string
  /** Instances of the version that serves; each costs all the time. Default 0: the first request after a pause waits for a start. */
  readonly minInstances: number
  /** Instances of a version at most. Default 10. */
  readonly maxInstances: number
  /** Requests at a time that one instance gets. Default 80. */
  readonly concurrency: number
  /** Default 60; 3600 at most. */
  readonly timeoutSeconds: number
  /** Seconds that the model may take to load. Default 240, the most that Cloud Run allows. */
  readonly startupSeconds: number
  /** Whether anybody may ask, from the first shift of traffic on. Default false: callers need roles/run.invoker. */
  readonly public: boolean
}

/**
 * Reads the settings of the target on Cloud Run. `PROJECT_ID`, `LOCATION` and `CONTAINER_IMAGE_URI` in the environment are enough.
 * @param value the target's part of a deployment file; undefined when there is none
 * @throws PressroomError `invalid-setting`
 */
export function parseCloudRunSettings(value: unknown, env: Env): CloudRunSettings {
  const given = decoded('cloud-run', () => aSettings(value ?? {}, 'cloud-run'))
  const rest = completed('cloud-run', given, env)
  const settings: CloudRunSettings = {
    ...rest,
    cpu: rest.cpu ?? '1',
    memory: rest.memory ?? '512Mi',
    minInstances: rest.minInstances ?? 0,
    maxInstances: rest.maxInstances ?? Math.max(10, rest.minInstances ?? 0),
    concurrency: rest.concurrency ?? 80,
    timeoutSeconds: rest.timeoutSeconds ?? 60,
    startupSeconds: rest.startupSeconds ?? 240,
    public: rest.public ?? false,
  }
  const { minInstances, maxInstances, timeoutSeconds, startupSeconds, concurrency } = settings
  const wrong = [
    maxInstances < minInstances && `maxInstances is ${maxInstances} and minInstances ${minInstances}`,
    timeoutSeconds > 3600 && `timeoutSeconds is ${timeoutSeconds}; Cloud Run allows 3600 at most`,
    startupSeconds > 240 && `startupSeconds is ${startupSeconds}; Cloud Run allows 240 at most`,
    concurrency > 1000 && `concurrency is ${concurrency}; Cloud Run allows 1000 at most`,
  ].find(each => each !== false)
  if (wrong !== undefined) throw invalid('cloud-run', wrong)
  return settings
}
