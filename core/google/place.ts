import { PressroomError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import type { GoogleEndpoint } from './endpoint.ts'

/** A project and a region: what every resource of Vertex AI lies in. */
export interface Place {
  readonly project: string
  readonly location: string
}

/**
 * Regions of Vertex AI, to suggest one when an address does not exist. Others are tried all the same: new ones
 * open every year (cloud.google.com/vertex-ai/docs/general/locations).
 */
const REGIONS = [
  'africa-south1',
  ...['east1', 'east2', 'northeast1', 'northeast2', 'northeast3'].map(part => `asia-${part}`),
  ...['south1', 'south2', 'southeast1', 'southeast2'].map(part => `asia-${part}`),
  'australia-southeast1',
  'australia-southeast2',
  ...['central2', 'north1', 'southwest1', 'west1', 'west2', 'west3', 'west4', 'west6', 'west8', 'west9'].map(
    part => `europe-${part}`,
  ),
  'europe-west12',
  'me-central1',
  'me-central2',
  'me-west1',
  'northamerica-northeast1',
  'northamerica-northeast2',
  'southamerica-east1',
  'southamerica-west1',
  ...['central1', 'east1', 'east4', 'east5', 'south1', 'west1', 'west2', 'west3', 'west4'].map(
    part => `us-${part}`,
  ),
]

/** The endpoint of a region. */
export function endpointOf(location: string): GoogleEndpoint {
  return { host: `${location}-aiplatform.googleapis.com`, port: 443, plaintext: false }
}

/**
 * Checks how a region is written.
 * @throws PressroomError `invalid-setting`
 */
export function checkLocation(location: string): void {
  const [, region] = /^([a-z]+-[a-z]+\d+)(?:-[a-z])?$/.exec(location) ?? []
  if (region === location) return
  throw new PressroomError('invalid-setting', `"${location}" is not a region`, {
    fix: region === undefined ? regionFix(location) : `that is a zone; its region is ${region}`,
  })
}

/** What to do about a region that may not exist. */
export function regionFix(location: string): string {
  if (REGIONS.includes(location))
    return 'check the network; behind Private Service Connect, give --api-endpoint'
  const near = nearest(location, REGIONS)
  return near === undefined
    ? 'give a region such as europe-west4'
    : `check the region; did you mean "${near}"?`
}

/**
 * Checks how a project is written: an id, with the domain that old ones have, or a number.
 * @throws PressroomError `invalid-setting`
 */
export function checkProject(project: string): void {
  if (/^(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$|^\d+$/.test(project)) return
  throw new PressroomError('invalid-setting', `"${project}" is not a project`, {
    fix: 'give its id, such as newsroom-prod, or its number; gcloud projects list shows them',
  })
}

/** The name of what every resource of a place lies in. */
export function parentOf({ project, location }: Place): string {
  return `projects/${project}/locations/${location}`
}

/** The id in a full name. */
export function idOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}
