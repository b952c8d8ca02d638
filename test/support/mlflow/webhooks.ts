import { randomUUID } from 'node:crypto'
import { signEvent } from '../../../core/registry/index.ts'
import { absent, invalid, Page } from './fault.ts'
import type { Routes } from './routes.ts'
import type { Store, StoredWebhook } from './store.ts'

/** Webhooks, and their test deliveries, which are signed and look real. */
export const WEBHOOKS: Routes = {
  'POST webhooks': (store, body) => {
    for (const part of ['name', 'url', 'events']) {
      if (body[part] === undefined) throw invalid(`Missing value for required parameter '${part}'.`)
    }
    const { name, url, events, secret, description, status } = body
    requireValid(body)
    const webhook_id = randomUUID()
    const created = Date.now()
    const state = status === 'DISABLED' ? 'DISABLED' : 'ACTIVE'
    store.webhooks.set(webhook_id, {
      webhook_id,
      name,
      url,
      events,
      secret,
      description,
      status: state,
      created,
    })
    return { webhook: shown(webhook(store, webhook_id)) }
  },
  'GET webhooks': (store, _, page) => page('webhooks', [...store.webhooks.values()].reverse().map(shown)),
  'PATCH webhooks/*': (store, body, _, id) => {
    requireValid(body)
    const { secret = webhook(store, id).secret, ...rest } = body
    // An empty secret turns signing off.
    store.webhooks.set(id, { ...webhook(store, id), ...rest, secret: secret || undefined })
    return { webhook: shown(webhook(store, id)) }
  },
  'DELETE webhooks/*': (store, _, __, id) => {
    webhook(store, id)
    store.webhooks.delete(id)
    return {}
  },
  'POST webhooks/*/test': async (store, _, __, id) => {
    const { url, secret } = webhook(store, id)
    const data = { name: 'example_model', alias: 'example_alias', version: '1' }
    const event = {
      entity: 'model_version_alias',
      action: 'created',
      timestamp: new Date().toISOString(),
      data,
    }
    const body = Buffer.from(JSON.stringify(event))
    const delivery = { deliveryId: randomUUID(), timestamp: Math.floor(Date.now() / 1000), body }
    const headers = { 'content-type': 'application/json', ...(secret && signEvent(delivery, secret)) }
    try {
      const response = await fetch(url, { method: 'POST', body, headers })
      const response_body = await response.text()
      return { result: { success: response.ok, response_status: response.status, response_body } }
    } catch (error) {
      return { result: { success: false, error_message: String(error) } }
    }
  },
}

function webhook(store: Store, id: string): StoredWebhook {
  const found = store.webhooks.get(id)
  if (found === undefined) throw absent(`Webhook with ID ${id} not found.`)
  return found
}

function requireValid({ name, url, events = [] }: Partial<StoredWebhook>): void {
  if (name !== undefined && !/^[a-z0-9]([\w.-]{0,61}[a-z0-9])?$/i.test(name)) {
    throw invalid(`Webhook name '${name}' is invalid.`)
  }
  if (url !== undefined && !/^https?:/.test(url)) throw invalid('Invalid webhook URL scheme.')
  // Lower case is nobody's enum, and an exception.
  const words = (events ?? []).flatMap((event: { entity: string; action: string }) => [
    event.entity,
    event.action,
  ])
  if (words.some(word => word !== word.toUpperCase())) throw new Page(500, 'Internal Server Error')
}

function shown({ secret, created, ...rest }: StoredWebhook) {
  return { ...rest, creation_timestamp: created, last_updated_timestamp: created }
}
