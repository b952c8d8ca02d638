import { PressroomError } from '../../../core/errors.ts'
import { labelsOf } from '../google/answers.ts'
import { untilThere } from '../google/looking.ts'
import type { VertexServing } from './client.ts'
import { resources } from './container.ts'
import { deployedId, displayOf, idOfModel, idOfProbe, OWNER_LABEL, PROBE_OWNER } from './names.ts'
import { readEndpoint } from './read.ts'
import type { DeployedMessage } from './services.ts'
import type { VertexSettings } from './settings.ts'

/**
 * The labels that one version gives texts.
 *
 * A Vertex AI endpoint chooses by its traffic split which deployed model answers: of the methods of PredictionService only
 * Explain takes a deployed_model_id, and that needs an explanation spec, which a text model in a container has not. So a
 * version with all of the traffic is asked through its endpoint, and any other through one that is made for the question:
 * the version is deployed there too, with one replica, asked, and everything is taken away again. That takes as long as
 * any deployment, and costs one machine for that time.
 * @throws PressroomError `deployment-failed` when the version is not loaded or its answer cannot be read
 */
export async function askVersion(
  serving: VertexServing,
  settings: VertexSettings,
  model: string,
  version: string,
  texts: readonly string[],
): Promise<readonly string[]> {
  const id = idOfModel(model)
  const message = await serving.endpoint(id)
  const endpoint = message && readEndpoint(message)
  const deployed = endpoint?.deployed.get(version)
  if (endpoint === undefined || deployed === undefined) {
    throw new PressroomError('deployment-failed', `${model} ${version} is not loaded, and cannot be asked`)
  }
  // A dedicated endpoint answers under its own address only.
  if (endpoint.state.traffic[version] === 100 && !settings.dedicatedEndpoint) {
    const answer = await serving.predict(id, texts)
    if (answer.deployedModelId === deployed.id)
      return labelsOf(answer.predictions, texts, `${model} ${version}`)
  }
  return askThroughProbe(serving, settings, model, version, deployed, texts)
}

async function askThroughProbe(
  serving: VertexServing,
  settings: VertexSettings,
  model: string,
  version: string,
  deployed: DeployedMessage,
  texts: readonly string[],
): Promise<readonly string[]> {
  const probe = idOfProbe(model, version)
  try {
    const labels = { ...settings.labels, [OWNER_LABEL]: PROBE_OWNER }
    const there = await serving.endpoint(probe)
    if (there === undefined) await serving.createEndpoint({ displayName: `asks ${probe}`, labels }, probe)
    await serving.settle(serving.nameOf('endpoints', probe))
    const again = await untilThere(() => serving.endpoint(probe), serving)
    if (again?.deployedModels.length === 0) {
      const { model: resource, ...rest } = {
        model: deployed.model,
        ...resources(settings, { min: 1, max: 1 }),
      }
      const versioned = resource.includes('@') ? resource : `${resource}@${deployed.modelVersionId}`
      await serving.deploy(
        probe,
        { id: deployedId(model, version), model: versioned, displayName: displayOf(version), ...rest },
        { 0: 100 },
      )
    }
    const { predictions } = await serving.predict(probe, texts)
    return labelsOf(predictions, texts, `${model} ${version}`)
  } finally {
    await removeProbe(serving, model, version)
  }
}

/** Takes away what a version was asked through, when there is such a thing: of a deployer that was killed as it asked, too. */
export async function removeProbe(serving: VertexServing, model: string, version: string): Promise<void> {
  const probe = idOfProbe(model, version)
  const there = await serving.endpoint(probe)
  if (there === undefined) return
  await serving.settle(serving.nameOf('endpoints', probe))
  const { deployedModels = [] } = (await serving.endpoint(probe)) ?? {}
  // The split is emptied with its last model (endpoint_service.proto, UndeployModelRequest.traffic_split).
  for (const { id } of deployedModels) await serving.undeploy(probe, id)
  await serving.deleteEndpoint(probe)
}
