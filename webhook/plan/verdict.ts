import type { Limits } from '../deployment/policy.ts'
import { MEASURES, type Measured } from '../targets/target.ts'
import type { Verdict } from './plan.ts'

/** What is measured and has a limit: its name, and whether more of it is worse. */
const SAID = {
  errorRate: {
    worse: 'above',
    say: (value: number) => `${(100 * value).toFixed(1)} % of its requests failed`,
  },
  p99: { worse: 'above', say: (value: number) => `its p99 was ${value.toFixed(0)} ms` },
  accuracy: {
    worse: 'below',
    say: (value: number) => `${(100 * value).toFixed(1)} % of its labelled requests were right`,
  },
} as const

/** Judges what was measured of a version. Too few requests say nothing, and so does what was not measured. */
export function judge(measured: Measured | undefined, limits: Limits): Verdict {
  if (measured === undefined || measured.requests < limits.requests) return { is: 'unknown' }
  let compared = 0
  for (const measure of MEASURES) {
    const [value, limit] = [measured[measure], limits[measure]]
    if (value === undefined || limit === undefined) continue
    compared++
    const { worse, say } = SAID[measure]
    if (worse === 'above' ? value > limit : value < limit) {
      return { is: 'bad', reason: `${say(value)}, the limit is ${limit}; of ${measured.requests} requests` }
    }
  }
  return { is: compared > 0 ? 'good' : 'unknown' }
}
