import { aCount, aString, aStringLike, maybe, recordOf } from '../../../core/decode.ts'
import { PressroomError } from '../../../core/errors.ts'
import { checkLocation, checkProject } from '../../../core/google/place.ts'

export type Env = Readonly<Record<string, string | undefined>>

const aPath = aStringLike(/^\/[\w\-./:~]*$/, 'a path that begins with /')
export const aPositive = (value: unknown, at: string): number => {
  const count = aCount(value, at)
  if (count === 0) throw new Error(`${at} must be a whole number from 1 up`)
  return count
}

/** Fields that both targets on Google Cloud have. */
export const commonFields = {
  project: maybe(aString),
  location: maybe(aString),
  image: maybe(aString),
  serviceAccount: maybe(aStringLike(/^\S+@\S+$/, "a service account's address")),
  stagingUri: maybe(aStringLike(/^gs:\/\/[a-z0-9]/, 'gs://BUCKET/PREFIX')),
  env: maybe(recordOf(aString)),
  labels: maybe(
    recordOf(
      aStringLike(/^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u, 'lower-case letters, digits, _ and -, 63 at most'),
    ),
  ),
  healthRoute: maybe(aPath),
  predictRoute: maybe(aPath),
  port: maybe(aPositive),
  apiEndpoint: maybe(aString),
  monitoringEndpoint: maybe(aString),
  pollSeconds: maybe(aPositive),
}

/** What both targets are told. */
export interface CommonSettings {
  readonly project: string
  /** The region: `europe-west4`. */
  readonly location: string
  /** The serving container's image. */
  readonly image: string
  /** The account that the container runs as. */
  readonly serviceAccount?: string | undefined
  /** `gs://bucket/prefix` for copies of files that the registry keeps elsewhere. */
  readonly stagingUri?: string | undefined
  /** More of the container's environment. No secrets: everyone who may look at the deployment reads them. */
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Default `/health`. */
  readonly healthRoute: string
  /** Default `/predict`. */
  readonly predictRoute: string
  /** Default 8080. */
  readonly port: number
  /** In place of the public endpoint: `HOST[:PORT]`. */
  readonly apiEndpoint?: string | undefined
  /** Default monitoring.googleapis.com. */
  readonly monitoringEndpoint?: string | undefined
  /** Seconds between two looks at an operation. Default 5. */
  readonly pollSeconds: number
}

interface Given {
  readonly project?: string | undefined
  readonly location?: string | undefined
  readonly image?: string | undefined
  readonly healthRoute?: string | undefined
  readonly predictRoute?: string | undefined
  readonly port?: number | undefined
  readonly apiEndpoint?: string | undefined
  readonly monitoringEndpoint?: string | undefined
  readonly pollSeconds?: number | undefined
}

/** An API's name in gcloud's `api_endpoint_overrides`, which is where a network without the public addresses says so once. */
const OVERRIDES = { vertex: 'AIPLATFORM', 'cloud-run': 'RUN' } as const

/**
 * Fills in what settings leave out: from the variables that a webhook receiver has been given (PROJECT_ID, LOCATION,
 * CONTAINER_IMAGE_URI) or Google's tools set, then from the defaults.
 * @throws PressroomError `invalid-setting` naming what is missing or malformed
 */
export function completed<G extends Given>(
  target: keyof typeof OVERRIDES,
  given: G,
  env: Env,
): G & CommonSettings {
  const first = (...values: (string | undefined)[]) =>
    values.find(value => value !== undefined && value !== '')
  const project = first(given.project, env.PROJECT_ID, env.GOOGLE_CLOUD_PROJECT)
  const location = first(given.location, env.LOCATION, env.GOOGLE_CLOUD_REGION)
  const image = first(given.image, env.CONTAINER_IMAGE_URI)
  const missing = [
    project === undefined && 'project (or PROJECT_ID)',
    location === undefined && 'location (or LOCATION)',
    image === undefined && 'image (or CONTAINER_IMAGE_URI)',
  ].filter(name => name !== false)
  if (project === undefined || location === undefined || image === undefined) {
    throw invalid(target, `it does not say ${missing.join(', ')}`)
  }
  checkProject(project)
  checkLocation(location)
  if (!/^[\w.-]+(?::\d+)?\/[^\s]+$/.test(image)) {
    throw invalid(
      target,
      `image is "${image}"`,
      'name it whole: LOCATION-docker.pkg.dev/PROJECT/REPOSITORY/NAME:TAG',
    )
  }
  const { healthRoute = '/health', predictRoute = '/predict', port = 8080, pollSeconds = 5 } = given
  const overriding = (api: string) => first(env[`CLOUDSDK_API_ENDPOINT_OVERRIDES_${api}`])
  return {
    ...given,
    ...{ project, location, image, healthRoute, predictRoute, port, pollSeconds },
    apiEndpoint: given.apiEndpoint ?? overriding(OVERRIDES[target]),
    monitoringEndpoint: given.monitoringEndpoint ?? overriding('MONITORING'),
  }
}

/** What a decoder says of settings, as an error of ours. */
export function decoded<T>(target: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    throw invalid(target, (error as Error).message)
  }
}

export function invalid(target: string, where: string, fix?: string): PressroomError {
  return new PressroomError('invalid-setting', `the ${target} target cannot be used like this`, {
    where,
    fix,
  })
}
