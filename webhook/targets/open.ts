import { PressroomError } from '../../core/errors.ts'
import { localTarget } from './local.ts'
import type { Target } from './target.ts'

/** Which target, and how it is set, as a deployment file says it. */
export interface TargetChoice {
  readonly kind: string
  readonly settings: Readonly<Record<string, unknown>>
}

export interface OpenTargetOptions {
  /** Where a target's own variables are: the project, credentials. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The service that the local target starts; without it there is no local target. */
  readonly service?: { readonly main: string | URL; readonly args?: readonly string[] }
}

/**
 * Opens the target of a deployment, its clients loaded only now.
 * @throws PressroomError `invalid-setting` when there is none of this kind here; what the target throws
 */
export async function openTarget(
  { kind }: TargetChoice,
  { env, service }: OpenTargetOptions,
): Promise<Target & AsyncDisposable> {
  switch (kind) {
    case 'local':
      if (service !== undefined) return localTarget({ ...service, env })
      throw new PressroomError('invalid-setting', 'there is no target to deploy to', {
        where: 'a container starts no services beside itself, as the local target does',
        fix: 'set PROJECT_ID, LOCATION and CONTAINER_IMAGE_URI for Vertex AI',
      })
    default:
      throw new PressroomError('invalid-setting', `there is no target "${kind}"`, {
        fix: 'name one of: local',
      })
  }
}
