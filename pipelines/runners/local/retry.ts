import type { RetryPolicy } from '../../specification.ts'

/**
 * Seconds to wait after the given failure (0 is the first) before trying again; undefined when there is no further try.
 * What a policy leaves out is as the SDK writes it: no wait, doubled each time, an hour at most.
 */
export function delayAfter(failure: number, policy: RetryPolicy = {}): number | undefined {
  const { maxRetryCount = 0, backoffDuration, backoffFactor = 2, backoffMaxDuration = '3600s' } = policy
  if (failure >= maxRetryCount) return undefined
  return Math.min(seconds(backoffDuration) * backoffFactor ** failure, seconds(backoffMaxDuration))
}

/** A protobuf duration in JSON: a decimal number of seconds with the unit. */
function seconds(duration = '0s'): number {
  return Number.parseFloat(duration)
}
