export interface Interval {
  readonly low: number
  readonly high: number
}

/** Standard deviations of a normal distribution that 95 % of it lies within, to either side. */
export const NORMAL_95 = 1.959963984540054

/**
 * The 95 % score interval of a share seen in `n` trials. It stays within 0 and 1 and is right for few trials too.
 * E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927), 209-212.
 */
export function wilsonInterval(share: number, n: number): Interval {
  const z = NORMAL_95
  const scale = 1 + z ** 2 / n
  const centre = (share + z ** 2 / (2 * n)) / scale
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2))
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) }
}
