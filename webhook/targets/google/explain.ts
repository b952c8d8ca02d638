import { PressroomError } from '../../../core/errors.ts'

/** What a failed deployment is about. */
export interface Deploying {
  /** `news 3`. */
  readonly what: string
  readonly project: string
  readonly image: string
  /** The page of Google Cloud's console that shows it, and its logs. */
  readonly console: string
  /** The account that pulls the image, in words. */
  readonly puller: string
}

interface Reason {
  readonly says: RegExp
  readonly what: (at: Deploying) => string
  readonly fix: (at: Deploying) => string
}

/** The first that fits counts. Google gives all of these in prose, often under one code. */
const REASONS: readonly Reason[] = [
  {
    says: /quota|exhausted|out of capacity|insufficient (resources|capacity)|stockout|resources are insufficient/i,
    what: ({ project }) => `a quota of ${project} is used up, or the region has no such machine left`,
    fix: ({ project }) => `https://console.cloud.google.com/iam-admin/quotas?project=${project}`,
  },
  {
    says: /image|artifact ?registry|container registry|\bpull(ing)?\b/i,
    what: ({ image }) => `the image ${image} cannot be pulled`,
    fix: ({ project, puller }) =>
      `check that it exists and that ${puller} has roles/artifactregistry.reader: https://console.cloud.google.com/artifacts?project=${project}`,
  },
  {
    says: /permission|denied|actAs|forbidden|IAM_/i,
    what: () => 'Google Cloud does not allow this',
    fix: ({ project }) => `https://console.cloud.google.com/iam-admin/iam?project=${project}`,
  },
  {
    says: /model server|failed to start|health ?check|startup probe|never became ready|exited|listen on the port|crash/i,
    what: () => 'its container did not become healthy',
    fix: ({ console }) => `see its logs: ${console}`,
  },
]

/**
 * Why a version could not be deployed, in one line with the page of the console to go to. Faults of the way there (nothing
 * answers, no credentials) and conflicts stay as they are.
 */
export function explainFailure(error: unknown, at: Deploying): unknown {
  if (!(error instanceof PressroomError) || !['server-refused', 'not-signed-in'].includes(error.code)) {
    return error
  }
  const reason = REASONS.find(({ says }) => says.test(error.what))
  return new PressroomError(
    error.code === 'not-signed-in' ? 'not-signed-in' : 'deployment-failed',
    `${at.what}: ${reason?.what(at) ?? 'Google Cloud refuses it'}`,
    {
      where: [error.what, error.where].filter(Boolean).join('\n  '),
      // What to enable, whom to name: a refused call may know better than its words.
      fix:
        error.code === 'not-signed-in' && error.fix?.startsWith('gcloud')
          ? error.fix
          : (reason?.fix(at) ?? at.console),
      cause: error,
    },
  )
}
