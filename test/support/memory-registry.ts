import type { ModelVersion } from '../../core/registry/types.ts'
import type { LookOptions } from '../../webhook/look.ts'

interface MemoryModel {
  readonly aliases: Record<string, string>
  readonly versions: Record<string, ModelVersion>
}

/** A registry in memory, as far as a deployer asks it, with hands that change it. */
export type MemoryRegistry = LookOptions['registry'] & {
  readonly models: Record<string, MemoryModel>
  add(model: string, version: string): void
  point(model: string, alias: string, version: string): void
}

/** @param files the folder of every version */
export function memoryRegistry(files: string): MemoryRegistry {
  const models: Record<string, MemoryModel> = Object.create(null)
  const modelOf = (name: string) => {
    models[name] ??= { aliases: {}, versions: {} }
    return models[name]
  }
  const sourceOf = (version: string) => `/registry/${version}`
  return {
    location: '/registry',
    models,
    add(name, version) {
      modelOf(name).versions[version] = {
        name,
        version,
        stage: 'None',
        digest: '',
        source: sourceOf(version),
        runId: undefined,
        tags: {},
        aliases: [],
        description: '',
        createdAt: 0,
      }
    },
    point(name, alias, version) {
      modelOf(name).aliases[alias] = version
    },
    searchModels: async () =>
      Object.entries(models).map(([name, { aliases }]) => {
        return { name, aliases: { ...aliases }, latestVersion: undefined, createdAt: 0 }
      }),
    searchVersions: async name => Object.values(modelOf(name).versions),
    getRun: async () => undefined,
    getDownloadUri: async (_name, version) => sourceOf(version),
    download: async () => files,
    async setVersionTag(name, version, key, value) {
      const { versions } = modelOf(name)
      const known = versions[version]!
      versions[version] = { ...known, tags: { ...known.tags, [key]: value } }
    },
  }
}
