import { openRegistry, type Registry, registryLocation } from '../core/registry/index.ts'
import type { Log } from './definition/index.ts'

/**
 * Opens the registry of a stage: that it waits for a server is in the stage's log, and its signal ends the wait.
 * @param given the stage's setting; without it the environment's registry
 * @throws PressroomError as `openRegistry` does
 */
export function openStageRegistry(
  given: string | undefined,
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
): Promise<Registry> {
  return openRegistry(registryLocation(given), { signal, onWait: line => log.warn(line) })
}
