import type { OperationMessage, OperationsClient } from '../../../core/google/operations.ts'
import type { Listing, Method } from '../../../core/google/pages.ts'

/** The package of the official clients, and those of them that are used: an image of the deployer holds no others. */
export const CLOUD_RUN_CLIENTS = {
  name: '@google-cloud/run',
  version: 'v2',
  services: { services: 'Services', revisions: 'Revisions' },
} as const

/** `TrafficTarget` and `TrafficTargetStatus` (google/cloud/run/v2/traffic_target.proto). */
export interface TrafficMessage {
  readonly type: string
  /** Its short name. */
  readonly revision: string
  readonly percent: number
  readonly tag: string
  /** Of a status: the tag's own address. */
  readonly uri?: string
}

/** `Service` (service.proto), as far as it is read. */
export interface ServiceMessage {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly template: object | null
  /** As it is wanted. */
  readonly traffic: readonly TrafficMessage[]
  /** As it is. */
  readonly trafficStatuses: readonly TrafficMessage[]
  readonly terminalCondition: { readonly state: string; readonly message: string } | null
  readonly uri: string
  readonly reconciling: boolean
  readonly etag: string
}

interface Begun {
  readonly latestResponse?: OperationMessage
  readonly name?: string | null
}

/** What is used of `v2.ServicesClient`. */
export interface ServicesService {
  readonly operationsClient: OperationsClient
  readonly listServices: Listing<ServiceMessage>
  readonly getService: Method<ServiceMessage>
  readonly createService: Method<Begun>
  readonly updateService: Method<Begun>
  readonly deleteService: Method<Begun>
}

/** What is used of `v2.RevisionsClient`. */
export interface RevisionsService {
  readonly deleteRevision: Method<Begun>
}
