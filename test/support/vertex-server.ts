import { type GrpcServer, grpcServer } from './grpc-server.ts'
import { EndpointService } from './vertex/endpoint-service.ts'
import { ModelService } from './vertex/model-service.ts'
import { Operations } from './vertex/operations.ts'
import { PipelineService } from './vertex/pipeline-service.ts'
import { serviceOf } from './vertex/protos.ts'
import type { Home } from './vertex/resources.ts'
import { ScheduleService } from './vertex/schedule-service.ts'

/** Vertex AI as its published protos have it. */
export interface VertexServer extends GrpcServer {
  readonly home: Home
  readonly pipelines: PipelineService
  readonly schedules: ScheduleService
  readonly models: ModelService
  readonly endpoints: EndpointService
  readonly operations: Operations
}

export async function vertexServer(): Promise<VertexServer> {
  const home: Home = { project: 'newsroom-test', location: 'europe-west4' }
  const operations = new Operations()
  const pipelines = new PipelineService(home, operations)
  const schedules = new ScheduleService(home, operations)
  const models = new ModelService(home, operations)
  const endpoints = new EndpointService(home, operations, models)
  const v1 = (name: string) => {
    const file = name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase()
    return serviceOf(`google/cloud/aiplatform/v1/${file}.proto`, `google.cloud.aiplatform.v1.${name}`)
  }
  const server = await grpcServer([
    [v1('PipelineService'), pipelines.handlers],
    [v1('ScheduleService'), schedules.handlers],
    [v1('ModelService'), models.handlers],
    [v1('EndpointService'), endpoints.handlers],
    [v1('PredictionService'), endpoints.predictions],
    [serviceOf('google/longrunning/operations.proto', 'google.longrunning.Operations'), operations.handlers],
  ])
  return Object.assign(server, { home, pipelines, schedules, models, endpoints, operations })
}
