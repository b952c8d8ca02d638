import type { Limits } from './deployment/policy.ts'
import { type Trial, windowOf } from './plan/trials.ts'
import { judge, type Verdict } from './plan/verdict.ts'
import type { Measured, Target } from './targets/target.ts'

/** A version on trial, and how it does. */
export interface Judged extends Trial {
  /** Undefined when it was asked nothing. */
  readonly measured: Measured | undefined
  readonly verdict: Verdict
}

/**
 * Measures versions on trial where the target can.
 * @param now milliseconds since the epoch
 * @throws whatever measuring throws: a target that cannot say keeps a rollout from going on
 */
export async function judgeTrials(
  target: Pick<Target, 'measure'>,
  model: string,
  trials: readonly Trial[],
  limits: Limits,
  now: number,
): Promise<readonly Judged[]> {
  if (target.measure === undefined) return []
  const judged: Judged[] = []
  for (const trial of trials) {
    const measured = await target.measure(model, trial.version, windowOf(trial, now))
    judged.push({ ...trial, measured, verdict: judge(measured, limits) })
  }
  return judged
}
