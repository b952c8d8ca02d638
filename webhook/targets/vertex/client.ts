import { PressroomError } from '../../../core/errors.ts'
import type { CallOptions, GoogleCalls, Pending } from '../../../core/google/calls.ts'
import type { GoogleClients } from '../../../core/google/clients.ts'
import { operationDone, operationsUnderWay } from '../../../core/google/operations.ts'
import { pagesOf } from '../../../core/google/pages.ts'
import { type Place, parentOf } from '../../../core/google/place.ts'
import { CODE, codeOf } from '../../../core/google/status.ts'
import { fromValue, type ProtoValue, toValue } from '../../../core/google/struct.ts'
import { doOnce } from '../../../core/once.ts'
import { orAbsent, untilThere } from '../google/looking.ts'
import { OWNER, OWNER_LABEL } from './names.ts'
import {
  type Begun,
  type EndpointMessage,
  type EndpointService,
  type ModelMessage,
  type ModelService,
  type PredictionService,
  VERTEX_CLIENTS,
} from './services.ts'

/** Endpoints and models of one project and region, as one caller asks for them. */
export class VertexServing {
  readonly place: Place
  readonly #clients: GoogleClients
  readonly #calls: GoogleCalls
  readonly #waiting: { readonly pollSeconds: number; readonly signal: AbortSignal }

  constructor(
    place: Place,
    clients: GoogleClients,
    calls: GoogleCalls,
    waiting: { readonly pollSeconds: number; readonly signal: AbortSignal },
  ) {
    this.place = place
    this.#clients = clients
    this.#calls = calls
    this.#waiting = waiting
  }

  get signal(): AbortSignal {
    return this.#waiting.signal
  }

  get pollSeconds(): number {
    return this.#waiting.pollSeconds
  }

  /** The full name of an endpoint or model. */
  nameOf(kind: 'endpoints' | 'models', id: string): string {
    return `${parentOf(this.place)}/${kind}/${id}`
  }

  /** Our endpoints, a hundred a call. */
  endpoints(): AsyncGenerator<EndpointMessage> {
    const request = { parent: parentOf(this.place), filter: `labels.${OWNER_LABEL}="${OWNER}"` }
    const service = this.#endpoints
    return pagesOf(this.#calls, 'ListEndpoints', request, service.listEndpoints.bind(service))
  }

  /** Undefined when there is none. */
  endpoint(id: string): Promise<EndpointMessage | undefined> {
    const name = this.nameOf('endpoints', id)
    return orAbsent(
      this.#calls.repeat('GetEndpoint', options => this.#endpoints.getEndpoint({ name }, options)),
    )
  }

  /** Creates an endpoint; one of the same id is as good. */
  async createEndpoint(endpoint: object, endpointId: string): Promise<void> {
    const request = { parent: parentOf(this.place), endpoint, endpointId }
    try {
      await this.#finish('CreateEndpoint', options => this.#endpoints.createEndpoint(request, options))
    } catch (error) {
      if (codeOf(error) !== CODE.alreadyExists) throw error
      // Its id is taken from the moment that somebody begins to create it.
      await this.settle(this.nameOf('endpoints', endpointId))
    }
  }

  /** Replaces fields of an endpoint, if it still has the etag that it was read with. */
  updateEndpoint(endpoint: object, paths: readonly string[]): Promise<EndpointMessage> {
    const request = { endpoint, updateMask: { paths } }
    return this.#calls.guarded('UpdateEndpoint', options => this.#endpoints.updateEndpoint(request, options))
  }

  /** Deletes an endpoint; one that is gone is as good. */
  async deleteEndpoint(id: string): Promise<void> {
    const name = this.nameOf('endpoints', id)
    await orAbsent(
      this.#finish('DeleteEndpoint', options => this.#endpoints.deleteEndpoint({ name }, options)),
    )
  }

  /** Deploys a model version, and waits until it is ready or has failed; the endpoint's traffic stays as it is. */
  deploy(
    endpointId: string,
    deployedModel: object,
    trafficSplit: Readonly<Record<string, number>>,
  ): Promise<void> {
    const request = { endpoint: this.nameOf('endpoints', endpointId), deployedModel, trafficSplit }
    return this.#finish('DeployModel', options => this.#endpoints.deployModel(request, options))
  }

  /** Undeploys what has no traffic; what is gone is as good. */
  async undeploy(endpointId: string, deployedModelId: string): Promise<void> {
    const request = { endpoint: this.nameOf('endpoints', endpointId), deployedModelId }
    await orAbsent(this.#finish('UndeployModel', options => this.#endpoints.undeployModel(request, options)))
  }

  /** Whether something is being done to an endpoint or model. */
  async isBusy(name: string): Promise<boolean> {
    return (await this.#underWay(name)).length > 0
  }

  /** Waits until nothing is being done to an endpoint or model, by whomever. How it ends is seen in what is there then. */
  async settle(name: string): Promise<boolean> {
    const running = await this.#underWay(name)
    for (const operation of running) {
      await operationDone(
        this.#calls,
        this.#endpoints.operationsClient,
        'wait',
        operation.name ?? '',
        this.#waiting,
      ).catch(error => {
        this.signal.throwIfAborted()
        if (codeOf(error) === undefined) throw error
      })
    }
    return running.length > 0
  }

  /** A model version, by `ID@ALIAS` or `ID`; undefined when there is none. */
  model(id: string): Promise<ModelMessage | undefined> {
    const name = this.nameOf('models', id)
    return orAbsent(this.#calls.repeat('GetModel', options => this.#models.getModel({ name }, options)))
  }

  /**
   * Uploads a version, once: when its answer is lost it is looked for before it is uploaded again.
   * @param id of the Model resource
   * @param alias that only this upload has
   */
  upload(request: object, id: string, alias: string): Promise<ModelMessage> {
    const whole = { parent: parentOf(this.place), ...request }
    const find = async () => {
      await this.settle(this.nameOf('models', id))
      return this.model(`${id}@${alias}`)
    }
    const act = async () => {
      const begun = await this.#calls.once('UploadModel', options => this.#models.uploadModel(whole, options))
      await this.#end('UploadModel', begun)
      const made = await untilThere(() => this.model(`${id}@${alias}`), this.#waiting)
      if (made !== undefined) return made
      throw new PressroomError('server-answer', `Vertex AI uploaded ${id} and does not have it`)
    }
    return doOnce(this.#calls, act, find)
  }

  /** Gives aliases to a version, taking them from those that have them. */
  async giveAliases(id: string, versionAliases: readonly string[]): Promise<void> {
    const request = { name: this.nameOf('models', id), versionAliases }
    await this.#calls.repeat('MergeVersionAliases', options =>
      this.#models.mergeVersionAliases(request, options),
    )
  }

  /** What an endpoint answers, and the id of the deployed model that did. */
  async predict(
    endpointId: string,
    instances: readonly unknown[],
  ): Promise<{ readonly predictions: readonly unknown[]; readonly deployedModelId: string }> {
    const request = { endpoint: this.nameOf('endpoints', endpointId), instances: instances.map(toValue) }
    const service = this.#clients.of<PredictionService>(VERTEX_CLIENTS.services.predictions)
    const answer = await this.#calls.repeat('Predict', options => service.predict(request, options))
    const predictions = answer.predictions.map((value: ProtoValue) => fromValue(value))
    return { predictions, deployedModelId: answer.deployedModelId }
  }

  get #endpoints(): EndpointService {
    return this.#clients.of(VERTEX_CLIENTS.services.endpoints)
  }

  get #models(): ModelService {
    return this.#clients.of(VERTEX_CLIENTS.services.models)
  }

  /** An endpoint or model that does not exist has nothing done to it, unless it is being made. */
  async #underWay(name: string) {
    const found = operationsUnderWay(this.#calls, this.#endpoints.operationsClient, name)
    return (await orAbsent(found)) ?? []
  }

  /** Begins an operation and waits for its end. */
  async #finish(request: string, send: (options: CallOptions) => Pending<Begun>): Promise<void> {
    await this.#end(request, await this.#calls.repeat(request, send))
  }

  async #end(request: string, begun: Begun): Promise<void> {
    const name = begun.latestResponse?.name ?? begun.name ?? ''
    await operationDone(this.#calls, this.#endpoints.operationsClient, request, name, this.#waiting)
  }
}
