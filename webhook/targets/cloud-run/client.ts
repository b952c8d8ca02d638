import { PressroomError } from '../../../core/errors.ts'
import type { GoogleCalls } from '../../../core/google/calls.ts'
import type { GoogleClients } from '../../../core/google/clients.ts'
import { operationDone, pauseFor, type Waiting } from '../../../core/google/operations.ts'
import { pagesOf } from '../../../core/google/pages.ts'
import { type Place, parentOf } from '../../../core/google/place.ts'
import { CODE, codeOf } from '../../../core/google/status.ts'
import { orAbsent } from '../google/looking.ts'
import {
  CLOUD_RUN_CLIENTS,
  type RevisionsService,
  type ServiceMessage,
  type ServicesService,
} from './services.ts'

/** Services of one project and region, as one caller asks for them. */
export class CloudRunServices {
  readonly place: Place
  readonly waiting: Waiting
  readonly #clients: GoogleClients
  readonly #calls: GoogleCalls

  constructor(place: Place, clients: GoogleClients, calls: GoogleCalls, waiting: Waiting) {
    this.place = place
    this.waiting = waiting
    this.#clients = clients
    this.#calls = calls
  }

  nameOf(id: string): string {
    return `${parentOf(this.place)}/services/${id}`
  }

  /** All services of the region, other people's too: the API has no filter. A hundred a call. */
  services(): AsyncGenerator<ServiceMessage> {
    const service = this.#services
    const request = { parent: parentOf(this.place) }
    return pagesOf(this.#calls, 'ListServices', request, service.listServices.bind(service))
  }

  /** Undefined when there is none. */
  service(id: string): Promise<ServiceMessage | undefined> {
    const name = this.nameOf(id)
    return orAbsent(this.#calls.repeat('GetService', options => this.#services.getService({ name }, options)))
  }

  /** A service at which nothing is going on: whoever changed it last, the change has taken effect or failed. */
  async settled(id: string): Promise<ServiceMessage | undefined> {
    for (;;) {
      const found = await this.service(id)
      if (!found?.reconciling) return found
      await pauseFor(this.waiting.pollSeconds, this.waiting.signal)
    }
  }

  /**
   * Creates a service and waits until its first revision is ready.
   * @returns false when there is one of this id already
   */
  async create(service: object, serviceId: string): Promise<boolean> {
    const request = { parent: parentOf(this.place), service, serviceId }
    try {
      const begun = await this.#calls.repeat('CreateService', options =>
        this.#services.createService(request, options),
      )
      await this.#end('CreateService', begun)
      return true
    } catch (error) {
      if (codeOf(error) === CODE.alreadyExists) return false
      throw error
    }
  }

  /** Replaces fields of a service, if it still has the etag that it was read with, and waits until they have their effect. */
  async update(service: object, paths: readonly string[]): Promise<void> {
    const request = { service, updateMask: { paths } }
    const begun = await this.#calls.guarded('UpdateService', options =>
      this.#services.updateService(request, options),
    )
    await this.#end('UpdateService', begun)
  }

  /** Deletes a service with all that is in it, if it still has this etag. One that is gone is as good. */
  async delete(id: string, etag: string): Promise<void> {
    const request = { name: this.nameOf(id), etag }
    await orAbsent(
      (async () => {
        const begun = await this.#calls.guarded('DeleteService', options =>
          this.#services.deleteService(request, options),
        )
        await this.#end('DeleteService', begun)
      })(),
    )
  }

  /** Deletes a revision. Cloud Run keeps the one that a service made last, which costs nothing without traffic. */
  async deleteRevision(service: string, revision: string): Promise<void> {
    const request = { name: `${this.nameOf(service)}/revisions/${revision}` }
    const revisions = this.#clients.of<RevisionsService>(CLOUD_RUN_CLIENTS.services.revisions)
    try {
      const begun = await this.#calls.repeat('DeleteRevision', options =>
        revisions.deleteRevision(request, options),
      )
      await this.#end('DeleteRevision', begun)
    } catch (error) {
      const code = codeOf(error)
      if (code !== CODE.notFound && code !== CODE.failedPrecondition && code !== CODE.invalidArgument)
        throw error
    }
  }

  /**
   * What a service answers at an address of its own.
   * @param uri the tag's address
   * @param audience the service's address
   * @throws PressroomError `server-unreachable`, `server-refused`, `server-answer`
   */
  async post(uri: string, audience: string, body: object): Promise<unknown> {
    const headers = await this.#clients.identity(audience)
    headers.set('content-type', 'application/json')
    const timeout = AbortSignal.timeout(60_000)
    const response = await fetch(uri, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.any([timeout, this.waiting.signal]),
    }).catch(cause => {
      throw new PressroomError('server-unreachable', `${uri} does not answer`, { cause })
    })
    const answer: unknown = await response.json().catch(() => undefined)
    if (response.ok && answer !== undefined) return answer
    const denied = response.status === 401 || response.status === 403
    throw new PressroomError(
      denied ? 'not-signed-in' : response.ok ? 'server-answer' : 'server-refused',
      `${uri} answers HTTP ${response.status}`,
      { fix: denied ? 'the deployer needs roles/run.invoker on the service' : 'see its logs' },
    )
  }

  get #services(): ServicesService {
    return this.#clients.of(CLOUD_RUN_CLIENTS.services.services)
  }

  async #end(
    request: string,
    begun: { readonly latestResponse?: { readonly name?: string | null }; readonly name?: string | null },
  ) {
    const name = begun.latestResponse?.name ?? begun.name ?? ''
    await operationDone(this.#calls, this.#services.operationsClient, request, name, this.waiting)
  }
}
