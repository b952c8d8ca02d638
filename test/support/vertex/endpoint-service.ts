import type { ProtoValue } from '../../../core/google/struct.ts'
import { type ListRequest, listPage } from './lists.ts'
import type { ModelService } from './model-service.ts'
import type { Operations } from './operations.ts'
import { Refusal, Violations } from './refusal.ts'
import { checkLabels, checkPlace, found, type Home, now } from './resources.ts'

interface Deployed {
  readonly id: string
  readonly displayName: string
  readonly model: string
  readonly modelVersionId: string
  readonly serviceAccount: string
  readonly dedicatedResources: {
    readonly machineSpec: { readonly machineType: string } | null
    readonly minReplicaCount: number
    readonly maxReplicaCount: number
    readonly autoscalingMetricSpecs: readonly { readonly metricName: string; readonly target: number }[]
  } | null
}

export interface Endpoint {
  readonly name: string
  readonly displayName: string
  readonly description: string
  readonly etag: string
  readonly labels: Readonly<Record<string, string>>
  readonly trafficSplit: Readonly<Record<string, number>>
  readonly deployedModels: readonly Deployed[]
  readonly dedicatedEndpointEnabled: boolean
}

interface Named {
  readonly name: string
}

/** `EndpointService` and `PredictionService.Predict`, as their protos and the guides have them. */
export class EndpointService {
  readonly endpoints = new Map<string, Endpoint>()
  /** What the container of a version answers. */
  labelOf = (version: string, text: string) => `${version}: ${text}`
  /** Reads that show an endpoint as it was before the operation that ended last. */
  lag = 0
  readonly #home: Home
  readonly #operations: Operations
  readonly #models: ModelService
  readonly #before = new Map<string, { readonly endpoint: Endpoint | undefined; left: number }>()
  #etag = 0

  constructor(home: Home, operations: Operations, models: ModelService) {
    this.#home = home
    this.#operations = operations
    this.#models = models
  }

  readonly handlers = {
    CreateEndpoint: (request: { parent: string; endpoint: Endpoint | null; endpointId: string }) => {
      const { parent, endpoint, endpointId } = request
      checkPlace(this.#home, parent, 'aiplatform.endpoints.create')
      const faults = new Violations()
      faults.check(
        /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(endpointId),
        'endpoint_id',
        `Invalid: ${endpointId}.`,
      )
      const length = [...(endpoint?.displayName ?? '')].length
      faults.check(length > 0 && length <= 128, 'endpoint.display_name', 'It must have 1 to 128 characters.')
      checkLabels('endpoint', endpoint?.labels ?? {}, faults)
      faults.throwIfAny()
      const name = `${parent}/endpoints/${endpointId}`
      const begun = this.#operations.underWay('CreateEndpoint').includes(name)
      if (this.endpoints.has(name) || begun) throw new Refusal('ALREADY_EXISTS', `${name} already exists.`)
      return this.#begin('CreateEndpoint', name, () =>
        this.#keep({ ...(endpoint as Endpoint), name, trafficSplit: {}, deployedModels: [] }),
      )
    },

    GetEndpoint: ({ name }: Named) => {
      checkPlace(this.#home, name, 'aiplatform.endpoints.get')
      const endpoint = this.#seen(name)
      if (endpoint === undefined) throw new Refusal('NOT_FOUND', `The Endpoint "${name}" does not exist.`)
      return endpoint
    },

    ListEndpoints: (request: ListRequest & { readonly parent: string }) => {
      checkPlace(this.#home, request.parent, 'aiplatform.endpoints.list')
      const { items: endpoints, nextPageToken } = listPage([...this.endpoints.values()], request, ['labels'])
      return { endpoints, nextPageToken }
    },

    UpdateEndpoint: ({ endpoint, updateMask }: { endpoint: Endpoint; updateMask: { paths: string[] } }) => {
      checkPlace(this.#home, endpoint.name, 'aiplatform.endpoints.update')
      const there = found(this.endpoints, 'Endpoint', endpoint.name)
      if (endpoint.etag !== '' && endpoint.etag !== there.etag)
        throw new Refusal('ABORTED', 'Etag mismatch: the resource was changed.')
      const { paths } = updateMask
      const faults = new Violations()
      checkLabels('endpoint', endpoint.labels, faults)
      if (paths.includes('traffic_split')) checkSplit(endpoint.trafficSplit, there.deployedModels, faults)
      faults.throwIfAny()
      return this.#keep({
        ...there,
        ...(paths.includes('labels') && { labels: endpoint.labels }),
        ...(paths.includes('traffic_split') && { trafficSplit: endpoint.trafficSplit }),
      })
    },

    DeleteEndpoint: ({ name }: Named) => {
      checkPlace(this.#home, name, 'aiplatform.endpoints.delete')
      if (found(this.endpoints, 'Endpoint', name).deployedModels.length > 0)
        throw new Refusal('FAILED_PRECONDITION', 'The Endpoint has deployed models.')
      return this.#begin('DeleteEndpoint', name, () => void this.endpoints.delete(name))
    },

    DeployModel: (request: {
      endpoint: string
      deployedModel: Deployed
      trafficSplit: Record<string, number>
    }) => {
      const { endpoint: name, deployedModel: sent, trafficSplit } = request
      checkPlace(this.#home, name, 'aiplatform.endpoints.deploy')
      const { deployedModels } = found(this.endpoints, 'Endpoint', name)
      const { versionId } = this.#models.find(sent.model)
      const faults = new Violations()
      faults.check(/^[0-9]{1,10}$/.test(sent.id), 'deployed_model.id', `Invalid: ${sent.id}.`)
      const { dedicatedResources } = sent
      const [least = 0, most = 0] = [dedicatedResources?.minReplicaCount, dedicatedResources?.maxReplicaCount]
      faults.check(least >= 1 && most >= least, 'deployed_model.dedicated_resources', `${least} to ${most}`)
      faults.check(Boolean(dedicatedResources?.machineSpec?.machineType), 'machine_spec', 'Required.')
      faults.throwIfAny()
      if (deployedModels.some(({ id }) => id === sent.id))
        throw new Refusal('ALREADY_EXISTS', `The DeployedModel "${sent.id}" already exists.`)
      if (this.#operations.underWay('DeployModel').includes(name))
        throw new Refusal('FAILED_PRECONDITION', 'Another operation is deploying to this Endpoint.')
      const deployed = { ...sent, model: sent.model.replace(/@.*/, ''), modelVersionId: versionId }
      return this.#begin('DeployModel', name, () => {
        const there = found(this.endpoints, 'Endpoint', name)
        const split = Object.entries(trafficSplit).map(([id, share]) => [id === '0' ? sent.id : id, share])
        this.#keep({
          ...there,
          deployedModels: [...there.deployedModels, deployed],
          ...(split.length > 0 && { trafficSplit: Object.fromEntries(split) }),
        })
      })
    },

    UndeployModel: ({ endpoint: name, deployedModelId }: { endpoint: string; deployedModelId: string }) => {
      checkPlace(this.#home, name, 'aiplatform.endpoints.undeploy')
      const { deployedModels, trafficSplit } = found(this.endpoints, 'Endpoint', name)
      if (!deployedModels.some(({ id }) => id === deployedModelId))
        throw new Refusal('NOT_FOUND', `The DeployedModel "${deployedModelId}" does not exist.`)
      if ((trafficSplit[deployedModelId] ?? 0) > 0 && deployedModels.length > 1)
        throw new Refusal('FAILED_PRECONDITION', 'The DeployedModel has traffic.')
      return this.#begin('UndeployModel', name, () => {
        const there = found(this.endpoints, 'Endpoint', name)
        const left = there.deployedModels.filter(({ id }) => id !== deployedModelId)
        this.#keep({ ...there, deployedModels: left, ...(left.length === 0 && { trafficSplit: {} }) })
      })
    },
  }

  /** The container answers with its version before each text. A dedicated endpoint does not answer under this address. */
  readonly predictions = {
    Predict: ({ endpoint: name, instances }: { endpoint: string; instances: ProtoValue[] }) => {
      checkPlace(this.#home, name, 'aiplatform.endpoints.predict')
      const { trafficSplit, deployedModels, dedicatedEndpointEnabled } = found(
        this.endpoints,
        'Endpoint',
        name,
      )
      if (dedicatedEndpointEnabled)
        throw new Refusal('FAILED_PRECONDITION', 'Dedicated endpoints answer under their own DNS name.')
      const [[id] = ['']] = Object.entries(trafficSplit).sort(([, a], [, b]) => b - a)
      const deployed = deployedModels.find(each => each.id === id)
      if (deployed === undefined) throw new Refusal('FAILED_PRECONDITION', 'The Endpoint has no traffic.')
      const { containerSpec } = this.#models.find(`${deployed.model}@${deployed.modelVersionId}`)
      const version = containerSpec?.env.find(({ name }) => name === 'PRESSROOM_MODEL_VERSION')?.value
      const predictions = instances.map(instance => {
        const label = this.labelOf(version ?? '', 'stringValue' in instance ? instance.stringValue : '?')
        return { structValue: { fields: { prediction: { stringValue: label } } } }
      })
      return { predictions, deployedModelId: id }
    },
  }

  /** Deploys by hand, as the console does. */
  deployByHand(name: string, model: string, share: number): void {
    const there = found(this.endpoints, 'Endpoint', name)
    const id = '77'
    const split = Object.fromEntries(Object.keys(there.trafficSplit).map(key => [key, 100 - share]))
    const by = {
      id,
      displayName: 'by hand',
      model,
      modelVersionId: '1',
      serviceAccount: '',
      dedicatedResources: null,
    }
    this.#keep({
      ...there,
      deployedModels: [...there.deployedModels, by],
      trafficSplit: { ...split, [id]: share },
    })
  }

  #begin(method: string, name: string, effect: () => void) {
    return this.#operations.start(name, {
      method,
      effect: () => {
        this.#before.set(name, { endpoint: this.endpoints.get(name), left: this.lag })
        effect()
      },
    })
  }

  #seen(name: string): Endpoint | undefined {
    const before = this.#before.get(name)
    return before !== undefined && before.left-- > 0 ? before.endpoint : this.endpoints.get(name)
  }

  #keep(endpoint: Endpoint): Endpoint {
    const kept = { ...endpoint, etag: `e${++this.#etag}`, updateTime: now() }
    this.endpoints.set(endpoint.name, kept)
    return kept
  }
}

function checkSplit(
  split: Readonly<Record<string, number>>,
  deployed: readonly { readonly id: string }[],
  faults: Violations,
): void {
  const shares = Object.values(split)
  const sum = shares.reduce((total, share) => total + share, 0)
  faults.check(shares.length === 0 || sum === 100, 'endpoint.traffic_split', `It adds up to ${sum}.`)
  for (const id of Object.keys(split)) {
    faults.check(
      deployed.some(each => each.id === id),
      'endpoint.traffic_split',
      `There is no DeployedModel ${id}.`,
    )
  }
}
