import { once } from 'node:events'
import { PressroomError } from '../../../core/errors.ts'
import { parseServeSettings, serve } from '../../../serving/index.ts'
import type { CommandContext } from '../../command.ts'

/** Serves until the first Ctrl-C, then answers what is under way and ends. */
export async function serveModels(context: CommandContext): Promise<void> {
  const { models, port, host, runtime } = context.settings as {
    models?: readonly string[]
    port?: number
    host?: string
    runtime?: string
  }
  const flags = {
    ...(models !== undefined && { models }),
    ...(port !== undefined && { port: String(port) }),
    ...(host !== undefined && { host }),
    ...(runtime !== undefined && { runtime }),
  }
  const settings = parseServeSettings(flags, context.env)
  if (settings.models.length === 0) {
    throw new PressroomError('usage', 'no model to serve', {
      fix: 'name a model folder, or set PRESSROOM_MODEL',
    })
  }
  await using service = await serve(settings)
  context.print(context.json ? JSON.stringify({ url: service.url }) : `${service.url}  Ctrl-C stops`)
  if (!context.signal.aborted) await once(context.signal, 'abort')
}
