import { PressroomError } from '../../../core/errors.ts'
import { type CallSettings, GoogleCalls } from '../../../core/google/calls.ts'
import { type GoogleClients, openGoogleClients } from '../../../core/google/clients.ts'
import { parseEndpoint } from '../../../core/google/endpoint.ts'
import { endpointOf } from '../../../core/google/place.ts'
import type { ObservedModel } from '../../plan/state.ts'
import { explainFailure } from '../google/explain.ts'
import { measureServing } from '../google/measure.ts'
import { conflictOf, mustShift, rolloutLabels, withoutRollout } from '../google/state.ts'
import type { StepContext, Target, TargetStep } from '../target.ts'
import { askVersion, removeProbe } from './ask.ts'
import { VertexServing } from './client.ts'
import { loadVersion } from './load.ts'
import { deployedId, idOfModel, LOADING_LABEL } from './names.ts'
import { type EndpointRecord, readEndpoint } from './read.ts'
import { retireModel } from './retire.ts'
import { VERTEX_CLIENTS } from './services.ts'
import type { VertexSettings } from './settings.ts'

export { parseVertexSettings, type VertexSettings } from './settings.ts'

/** What a test or an impatient person changes; otherwise as {@link CallSettings}. */
export type VertexTargetOptions = Pick<
  CallSettings,
  'attempts' | 'pauseSeconds' | 'timeoutSeconds' | 'onRetry'
> & {
  /** Seconds between two looks at an operation. Default that of the settings. */
  readonly pollSeconds?: number
}

/** A target whose connections are closed when it is disposed. */
export interface VertexTarget extends Target, AsyncDisposable {}

type Step<D extends TargetStep['do']> = Extract<TargetStep, { readonly do: D }>

/**
 * Deploys to Vertex AI: an endpoint a model, each version a deployed model in it. All that must be remembered is in the
 * endpoint: its traffic split, and the rollout in its labels.
 */
export function vertexTarget(settings: VertexSettings, options: VertexTargetOptions = {}): VertexTarget {
  const { project, location, image, apiEndpoint, monitoringEndpoint } = settings
  const { pollSeconds = settings.pollSeconds, ...callSettings } = options
  const endpoint = apiEndpoint === undefined ? endpointOf(location) : parseEndpoint(apiEndpoint)
  const place = {
    service: 'Vertex AI',
    api: 'aiplatform.googleapis.com',
    endpoint: `${endpoint.host}:${endpoint.port}`,
    project,
    unreachable: `check the network and the region "${location}"; behind Private Service Connect, set apiEndpoint`,
    roles: 'roles/aiplatform.user (docs/vertex-target.md, "Roles")',
  }
  const console = (model: string) =>
    `https://console.cloud.google.com/vertex-ai/locations/${location}/endpoints/${idOfModel(model)}?project=${project}`
  let opened: Promise<GoogleClients> | undefined

  async function open(signal = new AbortController().signal): Promise<VertexServing> {
    opened ??= openGoogleClients(VERTEX_CLIENTS.name, endpoint, VERTEX_CLIENTS.version)
    const clients = await opened.catch(error => {
      opened = undefined
      throw error
    })
    const calls = new GoogleCalls(place, { ...callSettings, signal })
    return new VertexServing({ project, location }, clients, calls, { pollSeconds, signal })
  }

  async function load(serving: VertexServing, step: Step<'load'>, { source }: StepContext): Promise<void> {
    if (source === undefined) {
      throw new PressroomError('deployment-failed', `nobody says where ${step.model} ${step.version} is`)
    }
    await loadVersion(serving, settings, { ...step, source })
  }

  return {
    name: 'vertex',
    can: { canary: true, shadow: false, measure: ['errorRate', 'p99'] },

    async observe(signal) {
      const serving = await open(signal)
      const models: [string, ObservedModel][] = []
      for await (const message of serving.endpoints()) {
        const found = readEndpoint(message)
        if (found !== undefined) models.push([found.model, await withLoading(serving, found)])
      }
      return { models: Object.fromEntries(models) }
    },

    async apply(step, context) {
      const { model } = step
      const serving = await open(context.signal)
      try {
        if (step.do === 'load') await load(serving, step, context)
        else if (step.do === 'shift') await shift(serving, step, context)
        else if (step.do === 'unload') await unload(serving, step)
        else if (step.do === 'retire') await retireModel(serving, model)
        else throw new PressroomError('deployment-failed', 'Vertex AI copies no requests to a second version')
      } catch (error) {
        context.signal.throwIfAborted()
        const what = 'version' in step ? `${model} ${step.version}` : model
        const puller = 'the Vertex AI service agent'
        throw explainFailure(error, { what, project, image, console: console(model), puller })
      }
    },

    async ask(model, version, texts) {
      return askVersion(await open(), settings, model, version, texts)
    },

    async measure(model, version, window) {
      await open()
      const clients = await opened!
      const monitoring = {
        endpoint: parseEndpoint(monitoringEndpoint ?? 'monitoring.googleapis.com'),
        project,
        headers: (url: string) => clients.headers(url),
      }
      const metrics = 'aiplatform.googleapis.com/prediction/online'
      const of = [
        `resource.type="aiplatform.googleapis.com/Endpoint"`,
        `resource.labels.endpoint_id="${idOfModel(model)}"`,
        `metric.labels.deployed_model_id="${deployedId(model, version)}"`,
      ].join(' AND ')
      return measureServing(
        monitoring,
        {
          requests: `${metrics}/response_count`,
          latencies: `${metrics}/prediction_latencies`,
          of,
          milliseconds: 1e-3,
        },
        window,
      )
    },

    async [Symbol.asyncDispose]() {
      const clients = await opened?.catch(() => undefined)
      await clients?.[Symbol.asyncDispose]()
    },
  }
}

/** Asks for what is under way only where an endpoint says that something was begun: observing costs a call a hundred models. */
async function withLoading(serving: VertexServing, found: EndpointRecord): Promise<ObservedModel> {
  if (found.marked === undefined || !(await serving.isBusy(found.message.name))) return found.state
  return { ...found.state, loading: [found.marked] }
}

async function shift(serving: VertexServing, step: Step<'shift'>, { observed }: StepContext): Promise<void> {
  const { model, split } = step
  const message = await serving.endpoint(idOfModel(model))
  const endpoint = message && readEndpoint(message)
  const now = endpoint?.state ?? { versions: [], traffic: {} }
  if (!mustShift(model, step, observed, now) || endpoint === undefined) return
  const { name, etag, labels } = endpoint.message
  const { [LOADING_LABEL]: loaded, ...rest } = withoutRollout(labels)
  const trafficSplit = Object.fromEntries(
    Object.entries(split)
      .filter(([, share]) => share > 0)
      .map(([version, share]) => [endpoint.deployed.get(version)!.id, share]),
  )
  const keepsMark = loaded !== undefined && endpoint.marked !== undefined
  const changed = {
    name,
    etag,
    trafficSplit,
    labels: { ...rest, ...(keepsMark && { [LOADING_LABEL]: loaded }), ...rolloutLabels(step.rollout) },
  }
  await serving.updateEndpoint(changed, ['traffic_split', 'labels']).catch(error => {
    throw conflictOf(error, model)
  })
}

/** A deployed model costs its machines at 0 % of the traffic too, so nothing of it stays. */
async function unload(serving: VertexServing, { model, version }: Step<'unload'>): Promise<void> {
  const id = idOfModel(model)
  await removeProbe(serving, model, version)
  await serving.settle(serving.nameOf('endpoints', id))
  const message = await serving.endpoint(id)
  const endpoint = message && readEndpoint(message)
  const deployed = endpoint?.deployed.get(version)
  if (endpoint === undefined || deployed === undefined) return
  const share = endpoint.state.traffic[version] ?? 0
  if (share > 0) {
    throw new PressroomError('deployment-conflict', `${model} ${version} has ${share} % of the traffic`, {
      fix: 'give its traffic to another version first',
    })
  }
  await serving.undeploy(id, deployed.id)
}
