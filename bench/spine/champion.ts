import { packageFile } from '../../cli/package-file.ts'
import { readRows } from '../../core/data/index.ts'
import { openRegistry } from '../../core/registry/index.ts'

/** The model that {@link cases} of the spine trained, as the registry has it. */
export interface Champion {
  readonly name: string
  readonly version: string
  readonly folder: string
}

/** The registry's one champion. */
export async function championOf(location: string): Promise<Champion> {
  await using registry = await openRegistry(location)
  const [model] = await registry.searchModels()
  const version = model?.aliases.champion
  if (model === undefined || version === undefined) throw new Error(`${location} has no champion`)
  return { name: model.name, version, folder: await registry.download(model.name, version) }
}

/** The texts of the newsroom: a few dozen words each. */
export async function newsTexts(): Promise<string[]> {
  const { rows } = await readRows(packageFile('examples/newsroom/news.csv'))
  return rows.map(({ text }) => text)
}
