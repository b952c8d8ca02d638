import type { Operations } from './operations.ts'
import { Refusal, Violations } from './refusal.ts'
import { checkLabels, checkPlace, type Home } from './resources.ts'

interface SentModel {
  readonly displayName: string
  readonly description: string
  readonly versionDescription: string
  readonly versionAliases: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly artifactUri: string
  readonly containerSpec: {
    readonly imageUri: string
    readonly env: readonly { readonly name: string; readonly value: string }[]
    readonly ports: readonly { readonly containerPort: number }[]
    readonly healthRoute: string
    readonly predictRoute: string
    readonly deploymentTimeout: { readonly seconds: string } | null
    readonly startupProbe: object | null
  } | null
}

export interface StoredModel extends SentModel {
  readonly name: string
  readonly versionId: string
  versionAliases: string[]
}

const ALIAS = /^[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]$/

/** `ModelService`: models and their versions, as model_service.proto has them. */
export class ModelService {
  /** By id of the model, its versions from the first on. */
  readonly models = new Map<string, StoredModel[]>()
  readonly #home: Home
  readonly #operations: Operations

  constructor(home: Home, operations: Operations) {
    this.#home = home
    this.#operations = operations
  }

  readonly handlers = {
    GetModel: ({ name }: { readonly name: string }) => {
      checkPlace(this.#home, name, 'aiplatform.models.get')
      return this.find(name)
    },

    UploadModel: (request: {
      readonly parent: string
      readonly parentModel: string
      readonly modelId: string
      readonly model: SentModel | null
    }) => {
      const { parent, parentModel, modelId, model } = request
      checkPlace(this.#home, parent, 'aiplatform.models.upload')
      const faults = new Violations()
      const id = parentModel === '' ? modelId : parentModel.slice(parentModel.lastIndexOf('/') + 1)
      faults.check(/^[a-z_][a-z0-9_-]{0,62}$/.test(id), 'model_id', 'Invalid.')
      if (model === null) faults.add('model', 'Required field is not set.')
      else checkModel(model, faults)
      faults.throwIfAny()
      if (parentModel === '' && this.models.has(id))
        throw new Refusal('ALREADY_EXISTS', `The Model "${id}" already exists.`)
      if (parentModel !== '' && !this.models.has(id))
        throw new Refusal('NOT_FOUND', `The Model "${parentModel}" does not exist.`)
      const name = `${parent}/models/${id}`
      return this.#operations.start(name, {
        method: 'UploadModel',
        effect: () => this.#add(name, id, model!),
      })
    },

    MergeVersionAliases: ({
      name,
      versionAliases,
    }: {
      readonly name: string
      readonly versionAliases: readonly string[]
    }) => {
      const faults = new Violations()
      for (const alias of versionAliases)
        faults.check(ALIAS.test(alias.replace(/^-/, '')), 'version_aliases', `"${alias}"`)
      faults.throwIfAny()
      const found = this.find(name)
      for (const each of this.models.get(idOf(name)) ?? []) {
        each.versionAliases = each.versionAliases.filter(alias => !versionAliases.includes(alias))
      }
      found.versionAliases.push(...versionAliases)
      return found
    },
  }

  /** A version by `…/models/ID`, `@NUMBER` or `@ALIAS`. */
  find(name: string): StoredModel {
    const [, wanted = 'default'] = name.split('@')
    const found = this.models
      .get(idOf(name))
      ?.find(({ versionId, versionAliases }) => versionId === wanted || versionAliases.includes(wanted))
    if (found === undefined) throw new Refusal('NOT_FOUND', `The Model "${name}" does not exist.`)
    return found
  }

  #add(name: string, id: string, model: SentModel): void {
    const versions = this.models.get(id) ?? []
    const taken = versions.flatMap(each => each.versionAliases)
    const double = model.versionAliases.find(alias => taken.includes(alias))
    if (double !== undefined)
      throw new Refusal('INVALID_ARGUMENT', `Alias ${double} is used by another version.`)
    const versionAliases = [...model.versionAliases, ...(versions.length === 0 ? ['default'] : [])]
    versions.push({ ...model, name, versionId: String(versions.length + 1), versionAliases })
    this.models.set(id, versions)
  }
}

/** The id in `…/models/ID@VERSION`. */
function idOf(name: string): string {
  return /\/models\/([^/@]+)/.exec(name)?.[1] ?? ''
}

function checkModel(model: SentModel, faults: Violations): void {
  const { displayName, versionAliases, artifactUri, containerSpec, labels } = model
  const length = [...displayName].length
  faults.check(length > 0 && length <= 128, 'model.display_name', 'It must have 1 to 128 characters.')
  for (const alias of versionAliases)
    faults.check(ALIAS.test(alias), 'model.version_aliases', `Invalid: ${alias}.`)
  checkLabels('model', labels, faults)
  faults.check(/^gs:\/\/[a-z0-9][^/]*\/.*[^/]$/.test(artifactUri), 'model.artifact_uri', `${artifactUri}`)
  const at = 'model.container_spec'
  if (containerSpec === null) {
    faults.add(at, 'Required field is not set.')
    return
  }
  const { imageUri, env, healthRoute, predictRoute, deploymentTimeout } = containerSpec
  const registry = /^([a-z0-9-]+-docker\.pkg\.dev|(?:[a-z]+\.)?gcr\.io)\//
  faults.check(registry.test(imageUri), `${at}.image_uri`, 'It must be in Artifact Registry.')
  for (const { name } of env)
    faults.check(/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !name.startsWith('AIP_'), `${at}.env`, name)
  for (const route of [healthRoute, predictRoute])
    faults.check(route.startsWith('/'), at, 'A route begins with /.')
  const seconds = Number(deploymentTimeout?.seconds ?? 0)
  faults.check(seconds <= 7200, `${at}.deployment_timeout`, 'It is longer than 2 hours.')
}
