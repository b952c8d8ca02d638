import { PressroomError } from '../../../core/errors.ts'
import { openRegistry, type Registry, registryLocation } from '../../../core/registry/index.ts'
import { checkKeys } from '../../../core/registry/names.ts'
import { parseReference, requireReferenced } from '../../../core/registry/references.ts'
import type { CommandContext } from '../../command.ts'
import { lookingIn } from '../../registry.ts'
import { table } from '../../table.ts'

interface Settings {
  readonly name: string
  readonly version?: string
  readonly set: readonly string[]
  readonly remove: readonly string[]
  readonly registry?: string
}

/** `pressroom tag VERSION [KEY=VALUE...]`: removes, sets, and shows what the version has then. */
export async function tagVersion(context: CommandContext): Promise<void> {
  const { name: given, version: number, set, remove, registry: at } = context.settings as unknown as Settings
  // Before anything is changed: a wrong word must not leave half of it behind.
  const wanted = set.map(readTag)
  checkKeys([...wanted.map(([key]) => key), ...remove])
  const reference = parseReference({ name: given, version: number })
  const { name } = reference
  await using registry = await openRegistry(registryLocation(at, context.env), lookingIn(context))
  const version = await requireReferenced(registry, reference, line => context.log.warn(line))
  const before = await tagsOf(registry, name, version)
  for (const key of remove) {
    if (!Object.hasOwn(before, key)) context.log.warn(`${name} ${version} has no tag ${key}`)
    else await registry.deleteVersionTag(name, version, key)
  }
  for (const [key, value] of wanted) await registry.setVersionTag(name, version, key, value)
  const isChanged = wanted.length + remove.length > 0
  const tags = isChanged ? await tagsOf(registry, name, version) : before
  if (context.json) return context.print(JSON.stringify({ name, version, tags }))
  const rows = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))
  context.print(rows.length === 0 ? `${name} ${version} has no tags` : table(['tag', 'value'], rows))
}

function readTag(text: string): readonly [key: string, value: string] {
  const [, key, value] = /^([^=]+)=(.+)$/s.exec(text) ?? []
  if (key !== undefined && value !== undefined) return [key, value]
  throw new PressroomError('usage', `${JSON.stringify(text)} is no tag with a value`, {
    fix: 'give key=value, approved_by=Ada for example; --remove takes a tag away',
  })
}

async function tagsOf(
  registry: Registry,
  name: string,
  version: string,
): Promise<Readonly<Record<string, string>>> {
  const found = await registry.getVersion(name, version)
  if (found !== undefined) return found.tags
  throw new PressroomError('not-registered', `there is no ${name} ${version} in ${registry.location}`, {
    fix: 'pressroom models lists what there is',
  })
}
