/** Percent by version, 100 in all. */
type Split = Readonly<Record<string, number>>

/**
 * How many pods each version of a split needs for a Service that chooses pods evenly: the numbers whose shares are nearest
 * to the split, and of equally near ones the fewest pods.
 * @param least pods in all, at least
 * @param most pods in all, at most; every version has one even so
 */
export function replicasFor(split: Split, least: number, most: number): Record<string, number> {
  const shares = Object.entries(split).filter(([, share]) => share > 0)
  const fewest = Math.max(least, shares.length)
  let best = countsOf(shares, fewest)
  for (let total = fewest + 1; total <= most; total++) {
    const counts = countsOf(shares, total)
    if (distance(counts, shares) < distance(best, shares) - 1e-9) best = counts
  }
  return Object.fromEntries(shares.map(([version], i) => [version, best[i]!]))
}

/** So many pods in all, each version at least one, every other pod where most is missing. */
function countsOf(shares: readonly (readonly [string, number])[], total: number): number[] {
  const counts = shares.map(() => 1)
  for (let left = total - shares.length; left > 0; left--) {
    const missing = shares.map(([, share], i) => (share * total) / 100 - counts[i]!)
    counts[missing.indexOf(Math.max(...missing))]! += 1
  }
  return counts
}

/** The largest difference from the split, in percent of the requests. */
function distance(counts: readonly number[], shares: readonly (readonly [string, number])[]): number {
  const sum = counts.reduce((all, count) => all + count, 0)
  return Math.max(...shares.map(([, share], i) => Math.abs((100 * counts[i]!) / sum - share)))
}

/** What pods in these numbers get of the requests, in whole percents, 100 in all. */
export function sharesOf(replicas: Readonly<Record<string, number>>): Record<string, number> {
  const counts = Object.entries(replicas).filter(([, count]) => count > 0)
  const sum = counts.reduce((all, [, count]) => all + count, 0)
  let seen = 0
  let given = 0
  return Object.fromEntries(
    counts.map(([version, count]) => {
      seen += count
      const share = Math.round((100 * seen) / sum) - given
      given += share
      return [version, share]
    }),
  )
}
