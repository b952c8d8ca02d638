import { PressroomError } from '../../core/errors.ts'
import { TARGET_KINDS } from '../deployment/policy.ts'
import { localTarget } from './local.ts'
import type { ServiceProcessOptions } from './service-process.ts'
import type { Target } from './target.ts'

/** Which target, and how it is set, as a deployment file says it. */
interface TargetChoice {
  readonly kind: string
  readonly settings: Readonly<Record<string, unknown>>
}

export interface OpenTargetOptions {
  /** Where a target's own variables are: the project, credentials. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The service that the local target starts; without it there is no local target. */
  readonly service?: Pick<ServiceProcessOptions, 'main' | 'args' | 'onListening'>
}

type Open = (choice: TargetChoice, options: OpenTargetOptions) => Promise<Target & AsyncDisposable>

/** How each kind is opened: its settings parsed, its clients loaded only now. */
const TARGETS: Readonly<Record<string, Open>> = {
  local: async ({ settings }, { env, service }) => {
    const [unknown] = Object.keys(settings)
    if (unknown !== undefined) {
      throw new PressroomError('invalid-setting', `the target local has no setting "${unknown}"`, {
        fix: 'it has none: flags of the command say its port',
      })
    }
    if (service !== undefined) return localTarget({ ...service, env })
    throw new PressroomError('invalid-setting', 'there is no target to deploy to', {
      where: 'a container starts no services beside itself, as the local target does',
      fix: 'set PROJECT_ID, LOCATION and CONTAINER_IMAGE_URI for Vertex AI',
    })
  },
  vertex: async ({ settings }, { env }) => {
    const { parseVertexSettings, vertexTarget } = await import('./vertex/index.ts')
    return vertexTarget(parseVertexSettings(settings, env))
  },
  kubernetes: async ({ settings }, { env }) => {
    const { kubernetesTarget, parseKubernetesSettings } = await import('./kubernetes/index.ts')
    return kubernetesTarget(parseKubernetesSettings(settings, env))
  },
  'cloud-run': async ({ settings }, { env }) => {
    const { cloudRunTarget, parseCloudRunSettings } = await import('./cloud-run/index.ts')
    return cloudRunTarget(parseCloudRunSettings(settings, env))
  },
}

/**
 * Opens the target of a deployment.
 * @throws PressroomError `invalid-setting` when there is none of this kind here, or its settings are wrong
 */
export function openTarget(
  choice: TargetChoice,
  options: OpenTargetOptions,
): Promise<Target & AsyncDisposable> {
  const open = Object.hasOwn(TARGETS, choice.kind) ? TARGETS[choice.kind] : undefined
  if (open !== undefined) return open(choice, options)
  throw new PressroomError('invalid-setting', `there is no target "${choice.kind}"`, {
    fix: `name one of: ${TARGET_KINDS.join(', ')}`,
  })
}
