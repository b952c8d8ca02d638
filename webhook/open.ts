import { openRegistry } from '../core/registry/index.ts'
import type { DeployerSettings } from './settings.ts'
import { type OpenTargetOptions, openTarget } from './targets/open.ts'
import type { Workplace } from './workplace.ts'

/**
 * Opens the registry and the target that the settings name.
 * @param opened closes them
 * @throws PressroomError whatever opening throws; what was opened by then is closed
 */
export async function openWorkplace(
  settings: DeployerSettings,
  opened: AsyncDisposableStack,
  options: OpenTargetOptions,
): Promise<Workplace> {
  await using here = new AsyncDisposableStack()
  const registry = here.use(await openRegistry(settings.registry))
  const target = here.use(await openTarget({ kind: settings.target, settings: {} }, options))
  opened.use(here.move())
  return { registry, target }
}
