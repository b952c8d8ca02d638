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
  let best: [string, number][] = []
  let smallest = Number.POSITIVE_INFINITY
  for (let total = Math.max(least, shares.length); total <= Math.max(most, shares.length); total++) {
    const counts = shares.map(([version, share]): [string, number] => [
      version,
      Math.max(1, Math.round((share * total) / 100)),
    ])
    const sum = counts.reduce((all, [, count]) => all + count, 0)
    if (sum > Math.max(most, shares.length) || sum < least) continue
    const error = Math.max(...counts.map(([, count], i) => Math.abs((100 * count) / sum - shares[i]![1])))
    if (error < smallest - 1e-9) [best, smallest] = [counts, error]
  }
  return Object.fromEntries(best.length > 0 ? best : shares.map(([version]) => [version, 1]))
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
