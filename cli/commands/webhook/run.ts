import { PressroomError } from '../../../core/errors.ts'
import { registryLocation } from '../../../core/registry/index.ts'
import { MlflowWebhooks, type Webhook } from '../../../core/registry/mlflow/webhooks.ts'
import { shorten } from '../../../core/report/shorten.ts'
import type { CommandContext } from '../../command.ts'
import { patiently } from '../../registry.ts'
import { table } from '../../table.ts'
import type { ACTIONS } from './command.ts'

type Act = (context: CommandContext, webhooks: MlflowWebhooks) => Promise<void>

/** `pressroom webhook ACTION`. */
export async function webhookCommand(context: CommandContext): Promise<void> {
  const { settings, env } = context
  const location = registryLocation(settings.server as string | undefined, env)
  if (!/^https?:/i.test(location)) {
    throw new PressroomError('usage', 'no MLflow server is named', {
      where: `the registry is ${location}, which tells the receiver that pressroom up runs`,
      fix: 'give --server, or set MLFLOW_TRACKING_URI',
    })
  }
  const webhooks = new MlflowWebhooks(location, env, patiently(context))
  await ACTS[settings.action as (typeof ACTIONS)[number]](context, webhooks)
}

const ACTS: Readonly<Record<(typeof ACTIONS)[number], Act>> = {
  async create(context, webhooks) {
    const { name, receiver, events } = context.settings
    if (receiver === undefined) {
      throw new PressroomError('usage', 'create needs the address of the receiver', {
        fix: 'give --receiver, or set MLFLOW_WEBHOOK_RECEIVER_URI',
      })
    }
    const { webhook, made } = await webhooks.ensure({
      name: name as string,
      url: receiver as string,
      secret: context.env.MLFLOW_WEBHOOK_SECRET ?? '',
      events: events as string[],
    })
    const strays = (await webhooks.list()).filter(other => other.name === name && other.id !== webhook.id)
    for (const { id, url } of strays) {
      context.log.warn(
        `another webhook ${name} calls ${url}; if nobody is there: pressroom webhook delete ${id}`,
      )
    }
    tell(context, { webhook, made }, `${made ? 'created' : 'there already, updated'}: ${describe(webhook)}`)
  },

  async list(context, webhooks) {
    const all = await webhooks.list()
    const rows = all.map(({ id, name, url, status, events }) => [id, name, url, status, events.join(', ')])
    const text =
      rows.length === 0 ? 'no webhooks' : table(['webhook', 'name', 'receiver', 'status', 'events'], rows)
    tell(context, { webhooks: all }, text)
  },

  async test(context, webhooks) {
    const { id, url } = await chosen(context, webhooks)
    const result = await webhooks.test(id)
    const said = shorten(result.said, 200)
    if (!result.success) {
      throw new PressroomError('server-refused', `the receiver ${url} did not take the test delivery`, {
        where: [result.status === undefined ? [] : `it answered ${result.status}`, said].flat().join(': '),
        fix: 'is it running, does the MLflow server reach it, and have both the same secret?',
      })
    }
    tell(context, result, `${url} answered ${result.status}`)
  },

  async delete(context, webhooks) {
    const webhook = await chosen(context, webhooks)
    await webhooks.delete(webhook.id)
    tell(context, { webhook }, `deleted: ${describe(webhook)}`)
  },
}

/** The webhook of an id, or the only one of a name. */
async function chosen(context: CommandContext, webhooks: MlflowWebhooks): Promise<Webhook> {
  const wanted = context.settings.id ?? context.settings.name
  const all = await webhooks.list()
  const found = all.filter(({ id, name }) => id === wanted || name === wanted)
  if (found.length === 1) return found[0]!
  const ids = (found.length > 1 ? found : all).map(describe)
  throw new PressroomError(
    found.length > 1 ? 'usage' : 'not-registered',
    found.length > 1 ? `${found.length} webhooks are called ${wanted}` : `there is no webhook ${wanted}`,
    { where: ids.length === 0 ? 'there are none' : ids.join('; '), fix: 'give the id of one' },
  )
}

function describe({ id, name, url }: Webhook): string {
  return `${name}  ${id}  ${url}`
}

function tell(context: CommandContext, value: object, text: string): void {
  context.print(context.json ? JSON.stringify(value) : text)
}
