import { createServer, type IncomingMessage } from 'node:http'
import { type Listening, listening } from './listening.ts'

/** What GitHub's REST API keeps of a deployment. */
interface KeptDeployment {
  readonly id: number
  readonly ref: string
  readonly environment: string
  readonly payload: unknown
  readonly statuses: { readonly state: string; readonly description: string }[]
}

/** A server that speaks GitHub's paths for deployments and dispatches, and refuses what GitHub refuses. */
export interface GitHubServer extends Listening {
  readonly deployments: KeptDeployment[]
  readonly dispatches: { readonly event_type: string; readonly client_payload: Record<string, unknown> }[]
  /** Answers the next requests with this status. */
  refuse(status: number | undefined): void
}

const STATES = ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success']

/** Starts one for a repository; only this token may use it. */
export async function githubServer(repository: string, token: string): Promise<GitHubServer> {
  const deployments: KeptDeployment[] = []
  const dispatches: GitHubServer['dispatches'] = []
  let refused: number | undefined

  async function answer(request: IncomingMessage): Promise<readonly [status: number, body?: unknown]> {
    const url = new URL(request.url!, 'http://github')
    const text = (await request.toArray()).join('')
    if (refused !== undefined) return [refused, { message: 'refused' }]
    if (request.headers.authorization !== `Bearer ${token}`) return [401, { message: 'Bad credentials' }]
    if (request.headers['user-agent'] === undefined) return [403, { message: 'no user agent' }]
    const base = `/repos/${repository}`
    if (!url.pathname.startsWith(`${base}/`)) return [404, { message: 'Not Found' }]
    const path = url.pathname.slice(base.length)
    const body = text === '' ? {} : JSON.parse(text)
    const status = /^\/deployments\/(\d+)\/statuses$/.exec(path)
    if (request.method === 'GET' && path === '/deployments') {
      const environment = url.searchParams.get('environment')
      return [
        200,
        deployments.filter(each => environment === null || each.environment === environment).toReversed(),
      ]
    }
    if (request.method === 'POST' && path === '/deployments') {
      if (typeof body.ref !== 'string') return [422, { message: 'ref is missing' }]
      const made = {
        id: deployments.length + 1,
        environment: 'production',
        payload: {},
        ...body,
        statuses: [],
      }
      deployments.push(made)
      return [201, made]
    }
    if (request.method === 'POST' && status !== null) {
      const found = deployments.find(({ id }) => id === Number(status[1]))
      if (found === undefined) return [404, { message: 'Not Found' }]
      if (!STATES.includes(body.state)) return [422, { message: 'state is not one of those' }]
      if ([...String(body.description)].length > 140) return [422, { message: 'description is too long' }]
      found.statuses.push(body)
      return [201, body]
    }
    if (request.method === 'POST' && path === '/dispatches') {
      if (Object.keys(body.client_payload).length > 10) return [422, { message: 'too many properties' }]
      dispatches.push(body)
      return [204]
    }
    return [404, { message: 'Not Found' }]
  }

  const server = createServer(async (request, response) => {
    const [status, body] = await answer(request)
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
    response.end(body === undefined ? undefined : JSON.stringify(body))
  })
  return {
    ...(await listening(server)),
    deployments,
    dispatches,
    refuse(status) {
      refused = status
    },
  }
}
