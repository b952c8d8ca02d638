import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PipelineSpec } from '../../pipelines/specification.ts'
import { type Fate, simulate } from './kubeflow/argo.ts'
import { Refusal, type Reply } from './kubeflow/replies.ts'
import { routes } from './kubeflow/routes.ts'
import { Store } from './kubeflow/store.ts'
import { answering, type Listening, listening } from './listening.ts'

/** What goes wrong with one request, in place of its answer or after it was carried out. */
export type Fault =
  /** The connection drops before the server has done anything. */
  | 'lost'
  /** The server does what it is asked, and the connection drops. */
  | 'unanswered'
  /** The connection drops, and the server does what it is asked a moment later. */
  | 'late'
  /** Half of the answer comes, and the connection drops. */
  | 'half'
  /** Nothing ever comes. */
  | 'silent'
  | {
      readonly status: number
      readonly type: string
      readonly body: string
      readonly headers?: Record<string, string>
    }

interface Seen {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** The API server of Kubeflow Pipelines 2.17.0, with runs that go on by a tick each time they are looked at. */
export interface KubeflowServer extends Listening {
  readonly store: Store
  /** Every request, in order. */
  readonly seen: readonly Seen[]
  /** What goes wrong with a request, if anything. */
  fault: (request: Seen) => Fault | undefined
}

/** @param fate what becomes of each task; default: all succeed */
export async function kubeflowServer(
  fate: (task: string) => Fate = () => 'succeeds',
): Promise<KubeflowServer> {
  const store = new Store((spec: PipelineSpec, workflow: string) => simulate(spec, workflow, fate))
  const seen: Seen[] = []
  const self: KubeflowServer = {
    ...(await listening(answering(handle))),
    store,
    seen,
    fault: () => undefined,
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://kubeflow.example')
    const asked: Seen = {
      method: request.method ?? '',
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      headers: request.headers,
      body: (await buffer(request)).toString('latin1'),
    }
    seen.push(asked)
    const fault = self.fault(asked)
    if (fault === 'silent') return
    if (fault === 'lost') return void response.destroy()
    if (fault === 'late') {
      response.destroy()
      await sleep(30)
    }
    if (typeof fault === 'object') {
      response.writeHead(fault.status, { 'content-type': fault.type, ...fault.headers }).end(fault.body)
      return
    }
    const { status, type, body } = answer(store, asked)
    if (fault === 'unanswered' || fault === 'late') return void response.destroy()
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) })
    if (fault !== 'half') return void response.end(text)
    response.write(text.slice(0, text.length / 2), () => response.destroy())
  }
  return self
}

function answer(store: Store, seen: Seen): Reply {
  try {
    return routes(store, { ...seen, body: Buffer.from(seen.body, 'latin1').toString('utf8') })
  } catch (error) {
    if (error instanceof Refusal) return error.reply
    throw error
  }
}
