import { openRegistry, type RegistryOptions } from '../core/registry/index.ts'
import { requireAbilities } from './deployment/abilities.ts'
import { readDeployment } from './deployment/file.ts'
import { DEFAULT_POLICY } from './deployment/policy.ts'
import type { DeployerSettings } from './settings.ts'
import { type OpenTargetOptions, openTarget } from './targets/open.ts'
import type { Workplace } from './workplace.ts'

/**
 * Reads the deployment file, if there is one, and opens the registry and the target.
 * @param opened closes them
 * @throws PressroomError whatever opening throws; what was opened by then is closed
 */
export async function openWorkplace(
  settings: DeployerSettings,
  opened: AsyncDisposableStack,
  options: OpenTargetOptions & Pick<RegistryOptions, 'onWait' | 'onNew'>,
): Promise<Workplace> {
  await using here = new AsyncDisposableStack()
  const policy =
    settings.deployment === undefined
      ? { ...DEFAULT_POLICY, target: { kind: settings.target, settings: {} } }
      : await readDeployment(settings.deployment)
  const registry = here.use(await openRegistry(settings.registry, options))
  const target = here.use(await openTarget(policy.target, options))
  requireAbilities(policy, target)
  opened.use(here.move())
  return { registry, target, policy }
}
