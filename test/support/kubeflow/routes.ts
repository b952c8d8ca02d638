import { logOf, podsOf } from './logs.ts'
import * as pipelines from './pipelines.ts'
import { missing, ok, plain, type Reply, refused } from './replies.ts'
import * as runs from './runs.ts'
import type { Store } from './store.ts'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

type Route = (store: Store, asked: Asked, ...ids: string[]) => Reply

const API = '/apis/v2beta1'

const health: Route = () =>
  ok({ commit_sha: 'unknown', tag_name: 'unknown', multi_user: false, pipeline_store: 'database' })

/** Method, path and what answers. Of two that fit the first one counts. */
const ROUTES: readonly (readonly [method: string, path: string, route: Route])[] = [
  ['GET', `${API}/healthz`, health],
  ['POST', `${API}/healthz`, health],
  [
    'GET',
    '/apis/v1beta1/healthz',
    () => ok({ commit_sha: 'unknown', tag_name: 'unknown', multi_user: false }),
  ],
  ['POST', `${API}/pipelines/upload`, pipelines.upload],
  ['POST', `${API}/pipelines/upload_version`, pipelines.uploadVersion],
  ['POST', `${API}/pipelines/create`, pipelines.createWithVersion],
  ['GET', `${API}/pipelines/names/*`, pipelines.getByName],
  ['GET', `${API}/pipelines`, pipelines.list],
  ['POST', `${API}/pipelines`, pipelines.create],
  ['GET', `${API}/pipelines/*`, pipelines.get],
  ['DELETE', `${API}/pipelines/*`, pipelines.remove],
  ['GET', `${API}/pipelines/*/versions`, pipelines.listVersions],
  ['POST', `${API}/pipelines/*/versions`, pipelines.createVersion],
  ['GET', `${API}/pipelines/*/versions/*`, pipelines.getVersion],
  ['DELETE', `${API}/pipelines/*/versions/*`, pipelines.removeVersion],
  ['GET', `${API}/experiments`, runs.listExperiments],
  ['POST', `${API}/experiments`, runs.createExperiment],
  [
    'POST',
    `${API}/experiments/*:archive`,
    (store, _, id = '') => runs.storeExperiment(store, id, 'ARCHIVED'),
  ],
  [
    'POST',
    `${API}/experiments/*:unarchive`,
    (store, _, id = '') => runs.storeExperiment(store, id, 'AVAILABLE'),
  ],
  ['GET', `${API}/experiments/*`, runs.getExperiment],
  ['DELETE', `${API}/experiments/*`, runs.removeExperiment],
  ['GET', `${API}/runs`, runs.list],
  ['POST', `${API}/runs`, runs.create],
  ['POST', `${API}/runs/*:terminate`, runs.terminate],
  ['POST', `${API}/runs/*:retry`, runs.retry],
  ['POST', `${API}/runs/*:archive`, (store, _, id = '') => runs.storeRun(store, id, 'archive', 'ARCHIVED')],
  [
    'POST',
    `${API}/runs/*:unarchive`,
    (store, _, id = '') => runs.storeRun(store, id, 'unarchive', 'AVAILABLE'),
  ],
  ['GET', `${API}/runs/*`, runs.get],
  ['DELETE', `${API}/runs/*`, runs.remove],
  ['GET', `${API}/recurringruns`, runs.listRecurring],
  ['POST', `${API}/recurringruns`, runs.createRecurring],
  ['POST', `${API}/recurringruns/*:enable`, (store, _, id = '') => runs.switchRecurring(store, id, 'ENABLE')],
  [
    'POST',
    `${API}/recurringruns/*:disable`,
    (store, _, id = '') => runs.switchRecurring(store, id, 'DISABLE'),
  ],
  ['GET', `${API}/recurringruns/*`, runs.getRecurring],
  ['DELETE', `${API}/recurringruns/*`, runs.removeRecurring],
  ['GET', '/apis/v1alpha1/runs/*/nodes/*/log', logOf],
  ['GET', '/api/v1/namespaces/*/pods', podsOf],
  ['GET', '/api/v1/namespaces/*/events', store => ok({ kind: 'EventList', items: store.events })],
]

/** Answers a request, or throws a Refusal. */
export function routes(store: Store, asked: Asked): Reply {
  const fitting = ROUTES.flatMap(([method, path, route]) => {
    const found = patternOf(path).exec(asked.path)
    return found === null ? [] : [{ method, route, ids: found.slice(1) }]
  })
  const found = fitting.find(({ method }) => method === asked.method)
  if (found !== undefined) return found.route(store, asked, ...found.ids)
  if (fitting.length > 0) throw refused(12, 'Method Not Allowed')
  if (asked.path.startsWith('/apis/v2beta1/runs/') && asked.path.endsWith(':read')) return missingArtifact()
  throw asked.path.startsWith('/apis/') ? refused(5, 'Not Found') : notFound()
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('*', '([^/]+)')}$`)
}

function notFound() {
  const error = missing('', '', '')
  return Object.assign(error, { reply: plain(404, '404 page not found\n') })
}

function missingArtifact(): Reply {
  const message = 'artifact not found: <nil>'
  return plain(404, JSON.stringify({ error_message: message, error_details: message }))
}
