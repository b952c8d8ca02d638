import { PressroomError } from '../../core/errors.ts'
import type { ModelVersion, RegisteredModel } from '../../core/registry/types.ts'
import type { ReconcileOptions } from '../../webhook/reconcile.ts'

export type DeployedRegistry = ReconcileOptions['registry']

interface MemoryModel {
  readonly aliases: Record<string, string>
  readonly versions: Record<string, ModelVersion>
}

/** A registry in memory, as far as a deployer asks it, with hands that change it. */
export interface MemoryRegistry extends DeployedRegistry {
  readonly models: Record<string, MemoryModel>
  /** Value of a run's metric; the run of a version has the version's number. */
  readonly metrics: Record<string, Readonly<Record<string, number>>>
  add(model: string, version: string, change?: Partial<ModelVersion>): void
  point(model: string, alias: string, version: string | undefined): void
}

/** @param files the folder of every version */
export function memoryRegistry(files = ''): MemoryRegistry {
  const models: Record<string, MemoryModel> = Object.create(null)
  const metrics: Record<string, Readonly<Record<string, number>>> = {}
  const describe = (name: string): RegisteredModel | undefined => {
    const model = models[name]
    return model && { name, aliases: { ...model.aliases }, latestVersion: undefined, createdAt: 0 }
  }
  const modelOf = (name: string) => (models[name] ??= { aliases: {}, versions: {} })
  return {
    location: '/registry',
    models,
    metrics,
    add(name, version, change) {
      modelOf(name).versions[version] = {
        name,
        version,
        digest: '',
        source: `file:///registry/${version}`,
        runId: version,
        tags: {},
        aliases: [],
        description: '',
        createdAt: 0,
        stage: 'None',
        ...change,
      }
    },
    point(name, alias, version) {
      if (version === undefined) delete modelOf(name).aliases[alias]
      else modelOf(name).aliases[alias] = version
    },
    getModel: async name => describe(name),
    searchModels: async () => Object.keys(models).map(name => describe(name)!),
    searchVersions: async name => Object.values(models[name]?.versions ?? {}),
    async getRun(id) {
      const own = metrics[id]
      const run = {
        id,
        experiment: '',
        name: '',
        params: {},
        tags: {},
        status: 'FINISHED',
        datasets: [],
      } as const
      return own && { ...run, metrics: own, startedAt: 0, endedAt: 0 }
    },
    getDownloadUri: async (name, version) => models[name]!.versions[version]!.source,
    download: async () => files,
    async setVersionTag(name, version, key, value) {
      const versions = modelOf(name).versions
      const known = versions[version]
      if (known === undefined) throw new PressroomError('not-registered', `${name} has no version ${version}`)
      versions[version] = { ...known, tags: { ...known.tags, [key]: value } }
    },
  }
}
