import { Refusal, type Violations } from './refusal.ts'

/** The one project and region that the server is of. */
export interface Home {
  readonly project: string
  readonly location: string
}

/** Checks what every request names: a project that the caller may use, and the region of this endpoint. */
export function checkPlace(home: Home, name: string, permission: string): void {
  const [, project, location] = /^projects\/([^/]+)\/locations\/([^/]+)(?:\/|$)/.exec(name) ?? []
  if (project === undefined) throw new Refusal('INVALID_ARGUMENT', `Invalid resource name: "${name}".`)
  if (location !== home.location) {
    throw new Refusal(
      'INVALID_ARGUMENT',
      `List of found errors:\t1.Field: parent; Message: Expected location ${home.location}, got ${location}.`,
    )
  }
  if (project === home.project) return
  const resource = `//aiplatform.googleapis.com/projects/${project}/locations/${location}`
  throw new Refusal(
    'PERMISSION_DENIED',
    `Permission '${permission}' denied on resource '${resource}' (or it may not exist).`,
    [
      {
        type: 'ErrorInfo',
        fields: {
          reason: 'IAM_PERMISSION_DENIED',
          domain: 'aiplatform.googleapis.com',
          metadata: { permission, resource },
        },
      },
    ],
  )
}

/** What is found by its full name, or NOT_FOUND. */
export function found<T>(items: ReadonlyMap<string, T>, kind: string, name: string): T {
  const item = items.get(name)
  if (item === undefined) throw new Refusal('NOT_FOUND', `The ${kind} "${name}" does not exist.`)
  return item
}

/** The published rules of labels (pipeline_job.proto, and those of Google Cloud for keys). */
export function checkLabels(
  field: string,
  labels: Readonly<Record<string, string>>,
  faults: Violations,
): void {
  for (const [key, value] of Object.entries(labels)) {
    const good =
      /^\p{Ll}[\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u.test(key) && /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u.test(value)
    faults.check(good, `${field}.labels`, `Label "${key}: ${value}" is invalid.`)
  }
  faults.check(Object.keys(labels).length <= 64, `${field}.labels`, 'There are more than 64 labels.')
}

/** This moment, as a protobuf timestamp. */
export function now(): { readonly seconds: number; readonly nanos: number } {
  const milliseconds = Date.now()
  return { seconds: Math.floor(milliseconds / 1000), nanos: (milliseconds % 1000) * 1e6 }
}
