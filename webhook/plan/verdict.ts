import type { Limits } from '../deployment/policy.ts'
import { MEASURES, type Measure, type Measured } from '../targets/target.ts'

/** What shares of whole numbers are off by at most. */
const ROUNDING = 1e-6

/** What a label holds, whatever the characters. */
const LONGEST_BRIEF = 30

/** What was measured of a version. */
export type Verdict =
  | { readonly is: 'good' }
  /** Nothing is measured, or nothing has a limit: its golden examples decide. */
  | { readonly is: 'unknown' }
  /** Too little to conclude anything from. */
  | {
      readonly is: 'few'
      readonly had: string
      /** What there is too little of: `labelled requests`. */
      readonly unit: string
    }
  | {
      readonly is: 'bad'
      /** For a person. */
      readonly reason: string
      /** The same in at most {@link LONGEST_BRIEF} characters: `errorRate 0.5 of 100`. */
      readonly brief: string
    }

interface Said {
  /** Whether more of it is worse. */
  readonly worse: 'above' | 'below'
  readonly say: (value: number) => string
  /** In the unit of what is said. */
  readonly limit: (limit: number) => string
  /** What is counted, and how many there were. */
  readonly unit: string
  readonly count: (measured: Measured) => number
}

const requests = { unit: 'requests', count: (measured: Measured) => measured.requests }

/** What is measured and has a limit. */
const SAID: Readonly<Record<Measure, Said>> = {
  errorRate: {
    worse: 'above',
    say: value => `${percent(value)} of its requests failed`,
    limit: percent,
    ...requests,
  },
  p99: {
    worse: 'above',
    say: value => `its p99 was ${value.toFixed(0)} ms`,
    limit: limit => `${limit} ms`,
    ...requests,
  },
  accuracy: {
    worse: 'below',
    say: value => `${percent(value)} of its labelled requests were right`,
    limit: percent,
    unit: 'labelled requests',
    count: ({ labelled = 0 }) => labelled,
  },
}

/**
 * Judges what was measured of a version. Of fewer requests than `limits.requests` only what they have settled already is concluded: so
 * many of them were wrong that it would be bad at that number whatever came.
 * @param measured undefined when it was asked nothing
 */
export function judge(measured: Measured = { requests: 0 }, limits: Limits): Verdict {
  const limited = MEASURES.filter(measure => limits[measure] !== undefined)
  if (limited.length === 0) return { is: 'unknown' }
  let few: { readonly had: string; readonly unit: string } | undefined
  for (const measure of limited) {
    const [value, limit] = [measured[measure], limits[measure]!]
    const { worse, say, limit: sayLimit, unit, count } = SAID[measure]
    const had = count(measured)
    const enough = value !== undefined && had >= limits.requests
    if (
      value !== undefined &&
      (enough ? isBeyond(worse, value, limit) : isSettled(measure, value, had, limits))
    ) {
      return {
        is: 'bad',
        reason: `${say(value)}, the limit is ${sayLimit(limit)}; of ${had} ${unit}`,
        brief: `${measure} ${Number(value.toPrecision(3))} of ${had}`.slice(0, LONGEST_BRIEF),
      }
    }
    const none = value === undefined && had > 0
    if (!enough) few ??= { had: none ? `no ${measure} yet` : `${had} of ${limits.requests} ${unit}`, unit }
  }
  return few === undefined ? { is: 'good' } : { is: 'few', ...few }
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(4))} %`
}

function isBeyond(worse: Said['worse'], value: number, limit: number): boolean {
  return worse === 'above' ? value > limit : value < limit
}

/** Wrong ones only add up; how slow the slowest in a hundred is, is not known before there are enough. */
function isSettled(measure: Measure, value: number, had: number, limits: Limits): boolean {
  if (measure === 'p99') return false
  const isShareOfWrong = measure === 'errorRate'
  const wrong = Math.round((isShareOfWrong ? value : 1 - value) * had)
  const allowed = (isShareOfWrong ? limits.errorRate! : 1 - limits.accuracy!) * limits.requests
  return wrong > allowed + ROUNDING
}
