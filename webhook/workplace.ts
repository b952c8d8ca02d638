import { backOff } from '../core/back-off.ts'
import { isPassingFault } from '../core/passing-faults.ts'
import type { LookOptions } from './view.ts'

/** What a deployer works on. Whoever opens it closes it. */
export type Workplace = Pick<LookOptions, 'registry' | 'target' | 'policy'>

/** The longest pause before the second try, in seconds. */
const FIRST_PAUSE_S = 0.5

/**
 * Opens registry and target, again for as long as that fails for a reason that may pass: a registry that is away for an hour is
 * found when it is back.
 * @param onFault is told of each failed try
 * @throws the first error that does not pass by itself; the signal's reason
 */
export async function openPatiently(
  open: () => Promise<Workplace>,
  signal: AbortSignal,
  onFault: (error: unknown) => void,
): Promise<Workplace> {
  const pause = backOff(FIRST_PAUSE_S, signal)
  for (let attempt = 0; ; attempt++) {
    try {
      return await open()
    } catch (error) {
      if (!isPassingFault(error)) throw error
      onFault(error)
    }
    await pause(attempt)
  }
}
