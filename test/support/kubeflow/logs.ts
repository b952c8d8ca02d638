import { ok, plain, type Reply } from './replies.ts'
import type { Asked } from './routes.ts'
import type { Store } from './store.ts'

/** A pod's log, or a failure with status 200: this handler has no other. */
export function logOf(store: Store, _: Asked, runId = '', node = ''): Reply {
  const run = store.runs.get(runId)
  const start = `BadRequestError: Failed to read logs for run ${runId}`
  if (run === undefined) {
    return failed(
      `${start} due to run fetching error: Failed to fetch run ${runId}: ResourceNotFoundError: Run ${runId} not found`,
    )
  }
  const log = run.timeline.logs.get(node) ?? store.logs.get(node)
  if (log !== undefined) return plain(200, log)
  return failed(
    `${start}: InternalServerError: Failed to read logs from archive ${node} due to error fetching the log file: NoSuchKey: The specified key does not exist.`,
  )
}

function failed(message: string): Reply {
  return plain(200, JSON.stringify({ error_message: message, error_details: message }))
}

/** Pods as Kubernetes' own API lists them. */
export function podsOf(store: Store, { query }: Asked): Reply {
  if (!/^pipeline\/runid=./.test(query.get('labelSelector') ?? '')) return ok({ kind: 'PodList', items: [] })
  return ok({ kind: 'PodList', metadata: {}, items: store.pods })
}
