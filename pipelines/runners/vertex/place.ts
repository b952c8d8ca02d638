import { idOf, type Place, parentOf } from '../../../core/google/place.ts'

/** The full name of a job or schedule, from its id or its full name. */
export function nameOf(place: Place, kind: 'pipelineJobs' | 'schedules', id: string): string {
  return `${parentOf(place)}/${kind}/${idOf(id)}`
}

/** The page of a job or schedule in Google Cloud's console. */
export function consoleUrl({ project, location }: Place, kind: 'runs' | 'schedules', id: string): string {
  return `https://console.cloud.google.com/vertex-ai/locations/${location}/pipelines/${kind}/${id}?project=${project}`
}
