import { aBoolean, aCount, aString, listOf, maybe, objectWith } from '../../decode.ts'
import { PressroomError } from '../../errors.ts'
import { doOnce } from '../../once.ts'
import type { RegistryOptions } from '../types.ts'
import { isAbsent, isOk, readJson, refusal } from './answer.ts'
import { MlflowApi } from './api.ts'
import { readConnection } from './connection.ts'

/** What a webhook can tell, by `entity.action`: those that concern models. */
export const WEBHOOK_EVENTS = [
  'registered_model.created',
  'model_version.created',
  'model_version_tag.set',
  'model_version_tag.deleted',
  'model_version_alias.created',
  'model_version_alias.deleted',
] as const

export interface Webhook {
  readonly id: string
  readonly name: string
  readonly url: string
  /** `entity.action`, in lower case as the deliveries have them. */
  readonly events: readonly string[]
  readonly status: string
}

export interface WebhookRequest {
  readonly name: string
  readonly url: string
  readonly events: readonly string[]
  /** What deliveries are signed with; MLflow keeps it and never shows it. */
  readonly secret: string
}

/** What a test delivery came to. */
export interface WebhookTest {
  readonly success: boolean
  readonly status: number | undefined
  /** What the receiver said, or why it was not reached. */
  readonly said: string
}

const aWebhook = objectWith({
  webhook_id: aString,
  name: aString,
  url: aString,
  events: listOf(objectWith({ entity: aString, action: aString })),
  status: aString,
})
const aResult = objectWith({
  result: objectWith({
    success: aBoolean,
    response_status: maybe(aCount),
    response_body: maybe(aString),
    error_message: maybe(aString),
  }),
})

/** MLflow lets 62 characters pass, a letter or digit first and last. */
const NAME = /^[A-Za-z0-9]([\w.-]{0,60}[A-Za-z0-9])?$/

/**
 * The webhooks of an MLflow server. Every method throws the PressroomErrors of `MlflowApi`; `server-refused` for a server
 * before 3.15, which would call any address it is given (CVE-2026-64849).
 */
export class MlflowWebhooks {
  readonly #api: MlflowApi

  /** @throws PressroomError `usage`, `invalid-setting` */
  constructor(location: string, env: NodeJS.ProcessEnv, { signal, onWait }: RegistryOptions = {}) {
    this.#api = new MlflowApi(readConnection(location, env), signal ?? new AbortController().signal, onWait)
  }

  /** Newest first. */
  async list(): Promise<Webhook[]> {
    await this.#requireModern()
    const webhooks: Webhook[] = []
    for await (const found of this.#api.list('GET', 'webhooks', 'webhooks', { max_results: 100 }, aWebhook)) {
      webhooks.push(toWebhook(found))
    }
    return webhooks
  }

  /**
   * The webhook of that name and address, made or brought to what is asked for. MLflow lets both repeat: of several the
   * oldest stays, since each would deliver every event once more.
   * @throws PressroomError `invalid-parameter`
   */
  async ensure(request: WebhookRequest): Promise<{ readonly webhook: Webhook; readonly made: boolean }> {
    requireValid(request)
    const [known, ...others] = await this.#called(request)
    for (const { id } of others) await this.delete(id)
    if (known !== undefined) return { webhook: await this.#update(known.id, request), made: false }
    const webhook = await doOnce(
      this.#api.transport,
      async () => {
        const body = { name: request.name, url: request.url, ...changing(request) }
        const made = await this.#api.post('webhooks', body, objectWith({ webhook: aWebhook }), {
          safety: 'once',
        })
        return toWebhook(made.webhook)
      },
      async () => (await this.#called(request))[0],
    )
    return { webhook, made: true }
  }

  /** Sends a signed test delivery, with an example's name in it. */
  async test(id: string): Promise<WebhookTest> {
    await this.#requireModern()
    const answer = await this.#api.answer('POST', `webhooks/${encodeURIComponent(id)}/test`, {})
    const { success, response_status, response_body, error_message } = readJson(answer, aResult).result
    return { success, status: response_status, said: error_message ?? response_body ?? '' }
  }

  /** Deletes one; that it is gone already is no error. */
  async delete(id: string): Promise<void> {
    await this.#requireModern()
    const answer = await this.#api.answer('DELETE', `webhooks/${encodeURIComponent(id)}`, {})
    if (!isOk(answer) && !isAbsent(answer)) throw refusal(answer)
  }

  /** Oldest first. */
  async #called({ name, url }: WebhookRequest): Promise<Webhook[]> {
    return (await this.list()).filter(webhook => webhook.name === name && webhook.url === url).reverse()
  }

  async #update(id: string, request: WebhookRequest): Promise<Webhook> {
    const answer = await this.#api.answer('PATCH', `webhooks/${encodeURIComponent(id)}`, changing(request))
    return toWebhook(readJson(answer, objectWith({ webhook: aWebhook })).webhook)
  }

  async #requireModern(): Promise<void> {
    const { modern, text } = await this.#api.version()
    if (modern) return
    throw new PressroomError(
      'server-refused',
      `${this.#api.endpoint} is MLflow ${text}; webhooks need 3.15 or later`,
      {
        fix: 'upgrade it, or let the deployer look at the registry from time to time: it needs no event',
      },
    )
  }
}

/** MLflow answers a web page to words in lower case. */
function changing({ events, secret }: WebhookRequest) {
  const words = events.map(event => event.toUpperCase().split('.'))
  return { events: words.map(([entity, action]) => ({ entity, action })), secret, status: 'ACTIVE' }
}

function toWebhook({ webhook_id: id, name, url, events, status }: ReturnType<typeof aWebhook>): Webhook {
  const words = events.map(({ entity, action }) => `${entity}.${action}`.toLowerCase())
  return { id, name, url, events: words.sort(), status }
}

function requireValid({ name, url, events, secret }: WebhookRequest): void {
  if (!NAME.test(name)) {
    throw new PressroomError('invalid-parameter', `${JSON.stringify(name)} is no name of a webhook`, {
      fix: 'use at most 62 letters, digits, dots, dashes and underscores, a letter or digit first and last',
    })
  }
  const target = URL.parse(url)
  if (target === null || !['http:', 'https:'].includes(target.protocol) || target.username !== '') {
    throw new PressroomError('invalid-parameter', 'the receiver’s address is not an http or https address', {
      fix: 'for example https://receiver.example/webhook, without user and password',
    })
  }
  const unknown = events.find(event => !(WEBHOOK_EVENTS as readonly string[]).includes(event))
  if (unknown !== undefined || events.length === 0) {
    throw new PressroomError('invalid-parameter', `${JSON.stringify(unknown ?? '')} is no event of a model`, {
      where: `there are: ${WEBHOOK_EVENTS.join(', ')}`,
    })
  }
  if (secret === '') {
    // MLflow would take it, and sign nothing.
    throw new PressroomError('invalid-parameter', 'the webhook has no secret', {
      fix: 'set MLFLOW_WEBHOOK_SECRET here and at the receiver; deliveries without a signature are refused there',
    })
  }
}
