import { randomUUID } from 'node:crypto'
import { formatEvent } from '../../core/registry/event-body.ts'
import { signEvent } from '../../core/registry/index.ts'
import type { LoadPlan } from '../load.ts'

export const SECRET = 'a secret of the benchmark'

type SignedEvent = LoadPlan['requests'][number]

/** A delivery of its own: one that repeats an id would be answered without work. */
export function signedEvent(name = 'news', version = '1'): SignedEvent {
  const now = Date.now()
  const body = formatEvent('model_version_alias.created', { name, alias: 'champion', version }, now)
  const delivery = { deliveryId: randomUUID(), timestamp: Math.floor(now / 1000), body }
  return { headers: { 'content-type': 'application/json', ...signEvent(delivery, SECRET) }, body }
}

/** The status that one event is answered with. */
export async function send(url: string, { headers, body }: SignedEvent): Promise<number> {
  const response = await fetch(url, { method: 'POST', headers, body })
  await response.arrayBuffer()
  return response.status
}
