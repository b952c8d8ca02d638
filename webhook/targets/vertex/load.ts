import { PressroomError } from '../../../core/errors.ts'
import { CODE, codeOf } from '../../../core/google/status.ts'
import { toLabel } from '../google/fitted.ts'
import { untilThere } from '../google/looking.ts'
import { inCloudStorage } from '../google/staging.ts'
import { conflictOf } from '../google/state.ts'
import type { VersionSource } from '../target.ts'
import type { VertexServing } from './client.ts'
import { containerSpec, resources } from './container.ts'
import {
  aliasOf,
  deployedId,
  descriptionOf,
  displayOf,
  fittedAlias,
  idOfModel,
  LOADING_LABEL,
  OWNER,
  OWNER_LABEL,
} from './names.ts'
import { type EndpointRecord, readEndpoint } from './read.ts'
import type { ModelMessage } from './services.ts'
import type { VertexSettings } from './settings.ts'

/** A version that is to be deployed. */
export interface Loading {
  readonly model: string
  readonly version: string
  readonly source: VersionSource
}

/**
 * Deploys a version beside the others, without traffic, and waits until it is ready. Each part is looked for before it is
 * made, and waited for when somebody else is making it, so that a deployer that was killed goes on where it was.
 */
export async function loadVersion(
  serving: VertexServing,
  settings: VertexSettings,
  loading: Loading,
): Promise<void> {
  const { model, version } = loading
  const id = idOfModel(model)
  const name = serving.nameOf('endpoints', id)
  let endpoint = await ownEndpoint(serving, settings, model)
  if (endpoint.deployed.has(version)) return
  if (await serving.settle(name)) endpoint = await ownEndpoint(serving, settings, model)
  if (endpoint.deployed.has(version)) return
  const uploaded = await uploadedVersion(serving, settings, loading)
  await markLoading(serving, endpoint, version)
  const deployedModel = {
    id: deployedId(model, version),
    model: `${serving.nameOf('models', id)}@${uploaded.versionId}`,
    displayName: displayOf(version),
    ...resources(settings),
  }
  try {
    await serving.deploy(id, deployedModel, {})
  } catch (error) {
    // Somebody else deploys it, or a try of ours did whose answer was lost.
    const taken = [CODE.alreadyExists, CODE.failedPrecondition, CODE.aborted].some(
      code => code === codeOf(error),
    )
    if (!taken) throw error
    await serving.settle(name)
    if (!(await isDeployed(serving, id, version))) throw error
  }
  if (!(await untilThere(async () => (await isDeployed(serving, id, version)) || undefined, serving))) {
    throw new PressroomError(
      'deployment-failed',
      `Vertex AI says that ${model} ${version} is deployed, and it is not`,
    )
  }
}

/** The model's endpoint, created when there is none. */
async function ownEndpoint(
  serving: VertexServing,
  settings: VertexSettings,
  model: string,
): Promise<EndpointRecord> {
  const id = idOfModel(model)
  const there = await serving.endpoint(id)
  if (there === undefined) {
    await serving.createEndpoint(
      {
        displayName: [...model].slice(0, 128).join(''),
        description: descriptionOf(model),
        labels: { ...settings.labels, [OWNER_LABEL]: OWNER },
        dedicatedEndpointEnabled: settings.dedicatedEndpoint,
      },
      id,
    )
  }
  const message = there ?? (await untilThere(() => serving.endpoint(id), serving))
  const found = message && readEndpoint(message)
  if (found !== undefined) return found
  throw new PressroomError('deployment-failed', `the endpoint ${id} is not Pressroom's for ${model}`, {
    where: message === undefined ? 'it was created and is not there' : 'its description was changed',
    fix: `set its description to ${descriptionOf(model)}`,
  })
}

async function isDeployed(serving: VertexServing, id: string, version: string): Promise<boolean> {
  const message = await serving.endpoint(id)
  return message !== undefined && readEndpoint(message)?.deployed.has(version) === true
}

/** The version in the Model Registry, uploaded when it is not there with these files and this container. */
async function uploadedVersion(
  serving: VertexServing,
  settings: VertexSettings,
  { model, version, source }: Loading,
): Promise<ModelMessage> {
  const id = idOfModel(model)
  const artifactUri = await inCloudStorage(source, settings.stagingUri, serving.signal)
  const spec = containerSpec(settings, model, version)
  const alias = aliasOf(version, JSON.stringify([source.digest, artifactUri, spec]))
  const find = () => serving.model(`${id}@${alias}`)
  const there =
    (await find()) ?? ((await serving.settle(serving.nameOf('models', id))) ? await find() : undefined)
  if (there !== undefined) return there
  const parent = await serving.model(id)
  const label = toLabel(version)
  const request = {
    // The first version makes the Model resource, the others go into it.
    ...(parent === undefined ? { modelId: id } : { parentModel: serving.nameOf('models', id) }),
    ...(settings.serviceAccount !== undefined && { serviceAccount: settings.serviceAccount }),
    model: {
      displayName: [...model].slice(0, 128).join(''),
      description: descriptionOf(model),
      versionDescription: JSON.stringify({ version, digest: source.digest }),
      versionAliases: [alias],
      labels: { ...settings.labels, [OWNER_LABEL]: OWNER, ...(label && { 'pressroom-version': label }) },
      containerSpec: spec,
      artifactUri,
    },
  }
  const made = await serving.upload(request, id, alias).catch(async error => {
    // Another deployer may have been faster: an alias belongs to one version.
    const theirs = codeOf(error) === undefined ? undefined : await find()
    if (theirs === undefined) throw error
    return theirs
  })
  if (source.aliases.length > 0) {
    await serving.giveAliases(`${id}@${made.versionId}`, [...new Set(source.aliases.map(fittedAlias))])
  }
  return made
}

/** Says in the endpoint's labels what is coming: the operation itself does not tell. A hint, so a lost race is no fault. */
async function markLoading(serving: VertexServing, endpoint: EndpointRecord, version: string): Promise<void> {
  const label = toLabel(version)
  const { name, etag, labels } = endpoint.message
  if (label === undefined || labels[LOADING_LABEL] === label) return
  try {
    await serving.updateEndpoint({ name, etag, labels: { ...labels, [LOADING_LABEL]: label } }, ['labels'])
  } catch (error) {
    if (conflictOf(error, endpoint.model) === error) throw error
  }
}
