import type { CallOptions, Pending } from '../../../core/google/calls.ts'
import type { OperationMessage, OperationsClient } from '../../../core/google/operations.ts'
import type { Listing, Method } from '../../../core/google/pages.ts'
import type { ProtoValue } from '../../../core/google/struct.ts'

/** The package of the official clients, and those of them that are used: an image of the deployer holds no others. */
export const VERTEX_CLIENTS = {
  name: '@google-cloud/aiplatform',
  version: 'v1',
  services: { endpoints: 'EndpointService', models: 'ModelService', predictions: 'PredictionService' },
} as const

/** `Endpoint` (google/cloud/aiplatform/v1/endpoint.proto), as far as it is read. */
export interface EndpointMessage {
  readonly name: string
  readonly description: string
  readonly etag: string
  readonly labels: Readonly<Record<string, string>>
  readonly trafficSplit: Readonly<Record<string, number>>
  readonly deployedModels: readonly DeployedMessage[]
}

/** `DeployedModel`. */
export interface DeployedMessage {
  readonly id: string
  readonly displayName: string
  /** `projects/…/locations/…/models/ID`, perhaps with `@VERSION`. */
  readonly model: string
  /** Vertex AI's own number of the model version. */
  readonly modelVersionId: string
}

/** `Model` (model.proto). */
export interface ModelMessage {
  readonly name: string
  readonly versionId: string
  readonly versionAliases: readonly string[]
}

/** What a method that begins an operation gives. */
export interface Begun {
  readonly latestResponse?: OperationMessage
  readonly name?: string | null
}

/** What is used of `v1.EndpointServiceClient`. */
export interface EndpointService {
  readonly operationsClient: OperationsClient
  readonly listEndpoints: Listing<EndpointMessage>
  readonly getEndpoint: Method<EndpointMessage>
  readonly createEndpoint: Method<Begun>
  readonly updateEndpoint: Method<EndpointMessage>
  readonly deleteEndpoint: Method<Begun>
  readonly deployModel: Method<Begun>
  readonly undeployModel: Method<Begun>
}

/** What is used of `v1.ModelServiceClient`. */
export interface ModelService {
  readonly operationsClient: OperationsClient
  readonly getModel: Method<ModelMessage>
  readonly uploadModel: Method<Begun>
  readonly mergeVersionAliases: Method<ModelMessage>
}

/** What is used of `v1.PredictionServiceClient`. */
export interface PredictionService {
  predict(
    request: object,
    options: CallOptions,
  ): Pending<{ readonly predictions: readonly ProtoValue[]; readonly deployedModelId: string }>
}
