import { PressroomError } from '../core/errors.ts'

/** Version -> its share of the requests in percent; whole numbers that sum to 100. */
export type Traffic = Readonly<Record<string, number>>

/**
 * Checks a split and drops the versions that get nothing.
 * @throws PressroomError `invalid-setting` when shares are not whole percentages that sum to 100, or name a version
 * that is not among `loaded`
 */
export function parseTraffic(split: Traffic, loaded: readonly string[], model: string): Traffic {
  const shares = Object.entries(split)
  const described = shares.map(([version, share]) => `${version} at ${share} %`).join(', ') || 'nothing'
  const refuse = (what: string, fix: string) => {
    throw new PressroomError('invalid-setting', `${model}: ${what}`, {
      where: `the split is ${described}`,
      fix,
    })
  }
  const missing = shares.filter(([version]) => !loaded.includes(version)).map(([version]) => version)
  if (missing.length > 0) refuse(`version ${missing.join(', ')} is not loaded`, 'load it first')
  const whole = shares.every(([, share]) => Number.isInteger(share) && share >= 0)
  if (!whole || shares.reduce((sum, [, share]) => sum + share, 0) !== 100) {
    refuse('traffic does not sum to 100 %', 'give whole percentages that do')
  }
  return Object.fromEntries(shares.filter(([, share]) => share > 0))
}

/**
 * The version that answers request number `turn` (from 0). Any hundred requests in a row meet the split exactly: 61 has
 * no divisor in common with 100, so its multiples visit every percentile once; and being near the golden section
 * of 100, it spreads a small share evenly instead of in one burst.
 */
export function chooseVersion(traffic: Traffic, turn: number): string {
  let percentile = (turn * 61) % 100
  for (const [version, share] of Object.entries(traffic)) {
    if (percentile < share) return version
    percentile -= share
  }
  throw new RangeError('a traffic split sums to 100')
}
