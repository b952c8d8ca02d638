import { PressroomError } from '../../core/errors.ts'
import { shorten } from '../../core/report/shorten.ts'
import type { GitHubSettings } from '../settings.ts'
import type { Notice } from './notices.ts'
import type { Notifier } from './notify.ts'

/** GitHub's own limit (https://docs.github.com/rest/deployments/statuses). */
const LONGEST_DESCRIPTION = 140
const LONGEST_ENVIRONMENT = 255

/** As GitHub calls them: a failure is the deployment's, an error the way there. */
const STATES = {
  started: 'in_progress',
  succeeded: 'success',
  rejected: 'failure',
  'rolled-back': 'success',
  retired: 'inactive',
  failed: 'error',
} as const satisfies Readonly<Record<Notice['state'], string>>

interface Deployment {
  readonly id: number
  /** An object, or a string with JSON in it. */
  readonly payload: unknown
}

/**
 * Tells a GitHub repository twice: a deployment with its statuses, in an environment named as the model, for people; and the
 * `repository_dispatch` event `pressroom-deployment`, for workflows. A deployment is found again by its payload, so that a
 * deployer that was started anew goes on with it.
 */
export function githubNotifier({ repository, token, ref, api }: GitHubSettings): Notifier {
  const [owner = '', repo = ''] = repository.split('/')
  // Loaded when there is something to tell, not at a cold start.
  const load = async () => {
    const { request } = await import('@octokit/request')
    return request.defaults({
      baseUrl: api,
      headers: { authorization: `Bearer ${token}`, 'user-agent': 'pressroom' },
      owner,
      repo,
    })
  }

  async function deploymentOf(
    request: Awaited<ReturnType<typeof load>>,
    { state, model, version, message }: Notice & { readonly model: string },
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const environment = shorten(model, LONGEST_ENVIRONMENT)
    const at = { owner, repo, request: { signal } }
    const { data } = await request('GET /repos/{owner}/{repo}/deployments', {
      ...at,
      environment,
      per_page: 10,
    })
    // Whichever version served last.
    if (state === 'retired') return (data as Deployment[])[0]?.id
    const known = (data as Deployment[]).find(
      ({ payload }) => version !== undefined && versionIn(payload) === version,
    )
    // A version may be deployed again, after another one.
    if (known !== undefined && (state !== 'started' || known === data[0])) return known.id
    if (version === undefined) return undefined
    const made = await request('POST /repos/{owner}/{repo}/deployments', {
      ...at,
      ref,
      environment,
      description: shorten(message, LONGEST_DESCRIPTION),
      payload: { model, version },
      // The registry decides what is deployed; what GitHub thinks of the commit is no gate here.
      auto_merge: false,
      required_contexts: [],
    })
    return made.status === 201 ? (made.data as Deployment).id : undefined
  }

  return {
    name: 'GitHub',
    async send(notice, signal) {
      const { state, model, version, message } = notice
      const request = await load()
      const at = { owner, repo, request: { signal } }
      try {
        const id = model === undefined ? undefined : await deploymentOf(request, { ...notice, model }, signal)
        if (id !== undefined) {
          await request('POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', {
            ...at,
            deployment_id: id,
            state: STATES[state],
            description: shorten(message, LONGEST_DESCRIPTION),
          })
        }
        await request('POST /repos/{owner}/{repo}/dispatches', {
          ...at,
          event_type: 'pressroom-deployment',
          client_payload: { state, model: model ?? null, version: version ?? null, message },
        })
      } catch (cause) {
        throw refusal(repository, cause)
      }
    },
  }
}

function versionIn(payload: unknown): unknown {
  try {
    const value = typeof payload === 'string' ? JSON.parse(payload) : payload
    return (value as { readonly version?: unknown } | null)?.version
  } catch {
    return undefined
  }
}

function refusal(repository: string, thrown: unknown): PressroomError {
  // Octokit's error; without a response, it is the network's.
  const { status, response, message } = thrown as Error & {
    readonly status?: number
    readonly response?: unknown
  }
  const said = shorten(message, 200)
  return response === undefined
    ? new PressroomError('server-unreachable', `its API does not answer: ${said}`, { cause: thrown })
    : new PressroomError('server-refused', `${repository} answered ${status}: ${said}`, { cause: thrown })
}
