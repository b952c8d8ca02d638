import { quantile } from '../../quantile.ts'

/** Rows whose probability fell into one bin: in a reliability diagram, one point. */
export interface ReliabilityBin {
  /** Mean of the probabilities given. */
  readonly predicted: number
  /** Share of the rows that were of the class. */
  readonly observed: number
  readonly rows: number
}

/**
 * What scikit-learn's calibration_curve gives, with the rows of each bin: bins of equal width, or of equally many rows; empty
 * ones are left out.
 *
 * @param positive 1 for rows of the class, 0 for others
 */
export function reliabilityCurve(
  probabilities: Float64Array,
  positive: Uint8Array,
  { bins = 10, strategy = 'uniform' }: { bins?: number; strategy?: 'uniform' | 'quantile' } = {},
): ReliabilityBin[] {
  const edges = Array.from({ length: bins - 1 }, (_, i) => (i + 1) / bins)
  if (strategy === 'quantile') {
    const sorted = probabilities.slice().sort()
    for (let i = 0; i < edges.length; i++) edges[i] = quantile(sorted, edges[i]!)
  }
  const sums = Array.from({ length: bins }, () => ({ predicted: 0, observed: 0, rows: 0 }))
  for (let row = 0; row < probabilities.length; row++) {
    const beyond = edges.findIndex(edge => probabilities[row]! <= edge)
    const bin = sums[beyond < 0 ? bins - 1 : beyond]!
    bin.predicted += probabilities[row]!
    bin.observed += positive[row]!
    bin.rows += 1
  }
  return sums
    .filter(({ rows }) => rows > 0)
    .map(({ predicted, observed, rows }) => ({
      predicted: predicted / rows,
      observed: observed / rows,
      rows,
    }))
}
