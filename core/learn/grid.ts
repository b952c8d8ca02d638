import type { FitControl } from './control.ts'
import type { Fit, LinearModel } from './linear-model.ts'

/**
 * Fits along a list of C, each fit beginning from the one before, smallest C first: a grid costs a fraction of its fits. The
 * optimum of each is the same as alone, to its tolerance.
 *
 * @param fitAt `fitLogisticRegression` or `fitLinearSvm` with all but C given
 * @returns the fits in the order of `cs`
 */
export async function fitAlong<M extends LinearModel>(
  cs: readonly number[],
  fitAt: (c: number, control: Pick<FitControl, 'warmStart'>) => Promise<Fit<M>>,
): Promise<Fit<M>[]> {
  const fits = new Map<number, Fit<M>>()
  let warmStart: M | undefined
  for (const c of [...cs].sort((a, b) => a - b)) {
    const found = await fitAt(c, { warmStart })
    fits.set(c, found)
    warmStart = found.model
  }
  return cs.map(c => fits.get(c)!)
}
