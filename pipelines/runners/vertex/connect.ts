import { PressroomError } from '../../../core/errors.ts'
import { type CallSettings, GoogleCalls } from '../../../core/google/calls.ts'
import { openGoogleClients } from '../../../core/google/clients.ts'
import { parseEndpoint } from '../../../core/google/endpoint.ts'
import { checkLocation, checkProject, endpointOf, regionFix } from '../../../core/google/place.ts'
import { VertexClient } from './client.ts'

/** How Vertex AI is reached; credentials are those that Google's libraries find. */
export interface VertexConnection extends CallSettings {
  /** Default: that of the credentials or of the environment. */
  readonly project?: string
  /** The region: `europe-west4`. */
  readonly location: string
  /** `HOST[:PORT]` in place of the region's public endpoint; `http://127.0.0.1:PORT` for a server on this machine. */
  readonly apiEndpoint?: string
}

/**
 * Connects to Vertex AI.
 * @throws PressroomError `invalid-setting`, `package-missing`, `not-signed-in`
 */
export async function openVertex(connection: VertexConnection): Promise<VertexClient> {
  const { location, apiEndpoint, ...settings } = connection
  checkLocation(location)
  const endpoint = apiEndpoint === undefined ? endpointOf(location) : parseEndpoint(apiEndpoint)
  if (connection.project !== undefined) checkProject(connection.project)
  const clients = await openGoogleClients('@google-cloud/aiplatform', endpoint)
  const project = connection.project ?? (await clients.defaultProject())
  if (project === undefined) {
    throw new PressroomError('invalid-setting', 'no Google Cloud project is named', {
      fix: 'give --project, or set GOOGLE_CLOUD_PROJECT',
    })
  }
  const calls = new GoogleCalls(
    {
      service: 'Vertex AI',
      api: 'aiplatform.googleapis.com',
      endpoint: `${endpoint.host}:${endpoint.port}`,
      project,
      unreachable: apiEndpoint === undefined ? regionFix(location) : 'check --api-endpoint and the network',
      roles: 'roles/aiplatform.user (docs/vertex-runner.md, "Roles")',
    },
    settings,
  )
  return new VertexClient({ project, location }, clients, calls)
}
