import { PressroomError } from '../../../core/errors.ts'
import { suggest } from '../../../core/nearest.ts'
import {
  type ModelVersion,
  openRegistry,
  type Registry,
  registryLocation,
  type VersionStage,
} from '../../../core/registry/index.ts'
import {
  parseReference,
  requireReferenced,
  STAGES_ARE_DEPRECATED,
} from '../../../core/registry/references.ts'
import type { CommandContext } from '../../command.ts'
import { lookingIn } from '../../registry.ts'
import { table } from '../../table.ts'

/** Lists models with their aliases, or a model's versions, newest first: all, those of a stage, or the one that is named. */
export async function listModels(context: CommandContext): Promise<void> {
  const {
    name,
    stage,
    registry: given,
  } = context.settings as {
    readonly name?: string
    readonly stage?: VersionStage
    readonly registry?: string
  }
  if (name === undefined && stage !== undefined) {
    throw new PressroomError('usage', 'a stage without a model says nothing', { fix: 'name the model too' })
  }
  await using registry = await openRegistry(registryLocation(given, context.env), lookingIn(context))
  // Awaited here: the registry closes when this function returns.
  if (name === undefined) return await showModels(context, registry)
  const versions = await versionsOf(registry, name, stage, line => context.log.warn(line))
  if (context.json) return context.print(JSON.stringify({ versions }))
  const staged = versions.some(version => version.stage !== 'None')
  const rows = versions.map(({ version, aliases, stage, createdAt, digest }) => [
    version,
    aliases.join(', '),
    ...(staged ? [stage] : []),
    new Date(createdAt).toISOString().slice(0, 16).replace('T', ' '),
    digest?.slice(0, 19) ?? '-',
  ])
  context.print(
    table(['version', 'aliases', ...(staged ? ['stage'] : []), 'registered (UTC)', 'digest'], rows),
  )
}

async function showModels(context: CommandContext, registry: Registry): Promise<void> {
  const models = await registry.searchModels()
  if (context.json) return context.print(JSON.stringify({ models }))
  if (models.length === 0) return context.print(`no models in ${registry.location}`)
  const rows = models.map(model => [model.name, model.latestVersion ?? '-', aliasesOf(model.aliases)])
  context.print(table(['model', 'latest', 'aliases'], rows))
}

async function versionsOf(
  registry: Registry,
  given: string,
  stage: VersionStage | undefined,
  warn: (line: string) => void,
): Promise<readonly ModelVersion[]> {
  const reference = parseReference({ name: given, ...(given.startsWith('models:') && { stage }) })
  const { name, which } = reference
  const names = (await registry.searchModels()).map(model => model.name)
  if (!names.includes(name)) {
    throw new PressroomError('not-registered', `no model "${name}" in ${registry.location}`, {
      where: names.length === 0 ? 'it has no models' : `it has: ${names.join(', ')}${suggest(name, names)}`,
    })
  }
  const all = await registry.searchVersions(name)
  if (which !== undefined) {
    const wanted = await requireReferenced(registry, reference, warn)
    const found = all.filter(({ version }) => version === wanted)
    if (found.length > 0) return found
    throw new PressroomError('not-registered', `${name} has no version ${wanted}`, {
      where: `it has: ${all.map(({ version }) => version).join(', ')}`,
    })
  }
  if (stage === undefined) return all
  warn(STAGES_ARE_DEPRECATED)
  return all.filter(version => version.stage === stage)
}

function aliasesOf(aliases: Readonly<Record<string, string>>): string {
  return Object.entries(aliases)
    .map(([alias, version]) => `${alias} → ${version}`)
    .join(', ')
}
