import { once } from 'node:events'
import { PressroomError } from '../../../core/errors.ts'
import { openRegistry, registryLocation } from '../../../core/registry/index.ts'
import { parseReference, requireReferenced } from '../../../core/registry/references.ts'
import { type FolderToServe, parseServeSettings, type ServeSettings, serve } from '../../../serving/index.ts'
import type { CommandContext } from '../../command.ts'
import { lookingIn } from '../../registry.ts'

/** Serves until the first Ctrl-C, then answers what is under way and ends. */
export async function serveModels(context: CommandContext): Promise<void> {
  const { models, port, host, runtime, registry } = context.settings as {
    models?: readonly string[]
    registry?: string
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
  await using service = await serve({
    ...settings,
    models: await fromRegistry(settings.models, registryLocation(registry, context.env), context),
  })
  context.print(context.json ? JSON.stringify({ url: service.url }) : `${service.url}  Ctrl-C stops`)
  if (!context.signal.aborted) await once(context.signal, 'abort')
}

/** The same, with the folders of those that MLflow's `models:/` names, which keep their own names and versions. */
async function fromRegistry(
  models: ServeSettings['models'],
  location: string,
  context: CommandContext,
): Promise<ServeSettings['models']> {
  if (!models.some(({ folder }) => folder.startsWith('models:'))) return models
  await using registry = await openRegistry(location, lookingIn(context))
  const found: FolderToServe[] = []
  const warnings = new Set<string>()
  for (const model of models) {
    if (model.folder.startsWith('models:')) {
      const reference = parseReference({ name: model.folder })
      const version = await requireReferenced(registry, reference, line => warnings.add(line))
      found.push({ name: reference.name, version, folder: await registry.download(reference.name, version) })
    } else found.push(model)
  }
  for (const line of warnings) context.log.warn(line)
  return found
}
