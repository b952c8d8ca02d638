import type {
  AnyParameter,
  Artifact,
  ArtifactType,
  FormattedText,
  Json,
  ParameterReference,
  Task,
  TextSetting,
  UntypedReference,
  Unversioned,
  WiredJson,
} from '../../components/definition/index.ts'
import { schemaTitle, versioned } from '../../components/definition/index.ts'
import type { Channel, Component } from './graph.ts'
import { addTask } from './recording.ts'
import { Reference, TextValue } from './references.ts'

/** What to bring into the run. */
export interface ImporterDefinition<A extends ArtifactType> {
  readonly uri: string | FormattedText | ParameterReference<'string'> | UntypedReference
  readonly type: A
  /** Whether to record the artifact anew although one of that address is known. Default false. */
  readonly reimport?: boolean
  /** As an object; as a list of keys and values where the run brings a key too. */
  readonly metadata?:
    | { readonly [key: string]: WiredJson }
    | readonly (readonly [key: TextSetting, value: WiredJson])[]
  /** Whether to copy the artifact into the pipeline's workspace. Default false. */
  readonly toWorkspace?: boolean
}

/** Brings in an artifact that lies somewhere already, as a task with the output `artifact`. */
export function importer<const A extends ArtifactType>(
  definition: ImporterDefinition<A>,
): Task<{ artifact: Artifact<Unversioned<A>, 'required'> }> {
  const { uri, reimport, toWorkspace } = definition
  const { type, schemaVersion = '0.0.1' } = versioned(definition.type)
  const inputs = new Map<Channel, string>()
  const metadata = definition.metadata && metadataOf(definition.metadata, inputs)
  const channels = [...inputs].map(([channel, name]) => [name, channel] as const)
  const component: Component = {
    name: 'importer',
    inputs: {
      uri: { role: 'parameter', kind: 'string', presence: 'required', help: '' },
      ...Object.fromEntries(channels.map(([name, channel]) => [name, parameterOf(channel)])),
    },
    secrets: new Map(),
    outputs: { artifact: { role: 'artifact', type, presence: 'required', help: '', schemaVersion } },
    body: {
      kind: 'importer',
      importer: {
        artifactUri: typeof uri === 'string' ? { constant: uri } : { runtimeParameter: 'uri' },
        typeSchema: { schemaTitle: schemaTitle(type), schemaVersion },
        ...(metadata !== undefined && Object.keys(metadata).length > 0 && { metadata }),
        ...(reimport && { reimport }),
        ...(toWorkspace && { downloadToWorkspace: toWorkspace }),
      },
    },
    resources: {},
    cacheable: true,
  }
  const args = Object.fromEntries(channels.map(([name, channel]) => [name, new Reference(channel)]))
  return addTask(component, { uri, ...args }) as unknown as Task<{
    artifact: Artifact<Unversioned<A>, 'required'>
  }>
}

/** A key is written as its value is: a placeholder for what only the run knows. */
function metadataOf(
  metadata: NonNullable<ImporterDefinition<ArtifactType>['metadata']>,
  inputs: Map<Channel, string>,
): Record<string, Json> {
  const entries = Array.isArray(metadata) ? metadata : Object.entries(metadata)
  return Object.fromEntries(
    entries.map(([key, value]) => [String(placeholders(key, inputs)), placeholders(value, inputs) as Json]),
  )
}

function parameterOf(channel: Channel): AnyParameter {
  const kind = channel.definition.role === 'parameter' ? channel.definition.kind : 'string'
  return { role: 'parameter', kind, presence: 'required', help: '' }
}

/** A value with an input for each part that the run brings: `metadata`, `metadata-2`, … as the SDK names them. */
function placeholders(value: unknown, inputs: Map<Channel, string>): unknown {
  if (value instanceof Reference) {
    const { channel } = value
    if (!inputs.has(channel)) {
      inputs.set(channel, inputs.size === 0 ? 'metadata' : `metadata-${inputs.size + 1}`)
    }
    return `{{$.inputs.parameters['${inputs.get(channel)}']}}`
  }
  if (value instanceof TextValue) {
    const { constants, values } = value
    return constants.reduce((text, constant, position) => {
      return `${text}${placeholders(values[position - 1], inputs)}${constant}`
    })
  }
  if (Array.isArray(value)) return value.map(item => placeholders(item, inputs))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, placeholders(item, inputs)]))
}
