import { PressroomError } from '../../../core/errors.ts'
import { conflictOf, withoutRollout } from '../google/state.ts'
import { removeProbe } from './ask.ts'
import type { VertexServing } from './client.ts'
import { descriptionOf, idOfModel, LOADING_LABEL } from './names.ts'
import { type EndpointRecord, readEndpoint } from './read.ts'

/**
 * Undeploys a model's versions and deletes its endpoint, unless somebody deployed something of their own there: then that takes all
 * requests, and the endpoint stays.
 */
export async function retireModel(serving: VertexServing, model: string): Promise<void> {
  const id = idOfModel(model)
  await serving.settle(serving.nameOf('endpoints', id))
  const message = await serving.endpoint(id)
  if (message === undefined) return
  const endpoint = readEndpoint(message)
  if (endpoint === undefined) {
    throw new PressroomError('deployment-failed', `the endpoint ${id} is not Pressroom's for ${model}`, {
      where: 'its description was changed',
      fix: `set it to ${descriptionOf(model)}, or delete the endpoint by hand`,
    })
  }
  const { [LOADING_LABEL]: _, ...labels } = withoutRollout(message.labels)
  const { name, etag } = message
  await serving
    .updateEndpoint({ name, etag, trafficSplit: splitOfOthers(endpoint), labels }, [
      'traffic_split',
      'labels',
    ])
    .catch(error => {
      throw conflictOf(error, model)
    })
  for (const [version, deployed] of endpoint.deployed) {
    await removeProbe(serving, model, version)
    await serving.undeploy(id, deployed.id)
  }
  if (endpoint.deployed.size === message.deployedModels.length) await serving.deleteEndpoint(id)
}

/** What is left when ours is gone, 100 in all, or nothing: the largest of the others gets what ours had. */
function splitOfOthers({ deployed, message }: EndpointRecord): Record<string, number> {
  const own = new Set([...deployed.values()].map(({ id }) => id))
  const [largest, ...others] = Object.entries(message.trafficSplit)
    .filter(([id, share]) => share > 0 && !own.has(id))
    .sort(([, a], [, b]) => b - a)
  if (largest === undefined) return {}
  const rest = others.reduce((left, [, share]) => left - share, 100)
  return Object.fromEntries([...others, [largest[0], rest]])
}
