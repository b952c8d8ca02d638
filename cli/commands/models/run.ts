import { PressroomError } from '../../../core/errors.ts'
import { suggest } from '../../../core/nearest.ts'
import { openRegistry, registryLocation } from '../../../core/registry/index.ts'
import type { CommandContext } from '../../command.ts'
import { table } from '../../table.ts'

/** Lists models with their aliases, or one model's versions, newest first. */
export async function listModels(context: CommandContext): Promise<void> {
  const { name, registry: given } = context.settings
  await using registry = await openRegistry(registryLocation(given as string | undefined, context.env))
  const models = await registry.searchModels()
  if (name === undefined) {
    if (context.json) return context.print(JSON.stringify({ models }))
    if (models.length === 0) return context.print(`no models in ${registry.location}`)
    const rows = models.map(model => [model.name, model.latestVersion ?? '-', aliasesOf(model.aliases)])
    return context.print(table(['model', 'latest', 'aliases'], rows))
  }
  const names = models.map(model => model.name)
  if (!names.includes(String(name))) {
    throw new PressroomError('not-registered', `no model "${name}" in ${registry.location}`, {
      where:
        names.length === 0
          ? 'it has no models'
          : `it has: ${names.join(', ')}${suggest(String(name), names)}`,
    })
  }
  const versions = await registry.searchVersions(String(name))
  if (context.json) return context.print(JSON.stringify({ versions }))
  const rows = versions.map(({ version, aliases, createdAt, digest }) => {
    return [
      version,
      aliases.join(', '),
      new Date(createdAt).toISOString().slice(0, 16).replace('T', ' '),
      digest?.slice(0, 19) ?? '-',
    ]
  })
  context.print(table(['version', 'aliases', 'registered (UTC)', 'digest'], rows))
}

function aliasesOf(aliases: Readonly<Record<string, string>>): string {
  return Object.entries(aliases)
    .map(([alias, version]) => `${alias} → ${version}`)
    .join(', ')
}
