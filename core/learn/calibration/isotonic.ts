/** A rising line from point to point; flat before the first and after the last. */
export interface Isotonic {
  readonly method: 'isotonic'
  /** Ascending. */
  readonly scores: Float64Array
  /** Not falling. */
  readonly probabilities: Float64Array
}

/** Scores nearer than this are one, as in scikit-learn (numpy's resolution of a double). */
const RESOLUTION = 1e-15

/**
 * Isotonic regression of one class's scores as scikit-learn's, clipped outside: pool adjacent violators (Barlow, Bartholomew,
 * Bremner & Brunk, 1972), equal scores pooled first, points on a level left out.
 *
 * @param positive 1 for rows of the class, 0 for others; `weights` one a row, 1 by default; rows of weight 0 do not count
 */
export function fitIsotonic(scores: Float64Array, positive: Uint8Array, weights?: Float64Array): Isotonic {
  const order = Array.from(scores.keys()).filter(row => weights === undefined || weights[row]! > 0)
  order.sort((a, b) => scores[a]! - scores[b]! || a - b)
  const points = poolEqual(order, scores, positive, weights)
  const levels = poolViolators(points)
  const kept = points
    .map((_, i) => i)
    .filter(i => {
      return i === 0 || i === points.length - 1 || levels[i] !== levels[i - 1] || levels[i] !== levels[i + 1]
    })
  return {
    method: 'isotonic',
    scores: Float64Array.from(kept, i => points[i]!.score),
    probabilities: Float64Array.from(kept, i => levels[i]!),
  }
}

interface Point {
  readonly score: number
  readonly mean: number
  readonly weight: number
}

function poolEqual(
  order: readonly number[],
  scores: Float64Array,
  positive: Uint8Array,
  weights: Float64Array | undefined,
): Point[] {
  const points: Point[] = []
  for (let i = 0; i < order.length; ) {
    const score = scores[order[i]!]!
    let [sum, weight] = [0, 0]
    for (; i < order.length && scores[order[i]!]! - score < RESOLUTION; i++) {
      const own = weights?.[order[i]!] ?? 1
      sum += own * positive[order[i]!]!
      weight += own
    }
    points.push({ score, mean: sum / weight, weight })
  }
  return points
}

/** The level of each point: blocks that fall are pooled with those before, until none falls. */
function poolViolators(points: readonly Point[]): number[] {
  const blocks: { mean: number; weight: number; count: number }[] = []
  for (const { mean, weight } of points) {
    let block = { mean, weight, count: 1 }
    for (let last = blocks.at(-1); last !== undefined && last.mean >= block.mean; last = blocks.at(-1)) {
      const sum = last.weight + block.weight
      block = {
        mean: (last.mean * last.weight + block.mean * block.weight) / sum,
        weight: sum,
        count: last.count + block.count,
      }
      blocks.pop()
    }
    blocks.push(block)
  }
  return blocks.flatMap(({ mean, count }) => new Array<number>(count).fill(mean))
}

export function applyIsotonic({ scores, probabilities }: Isotonic, score: number): number {
  const last = scores.length - 1
  if (!(score > scores[0]!)) return probabilities[0]!
  if (score >= scores[last]!) return probabilities[last]!
  let [low, high] = [0, last]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (scores[middle]! <= score) low = middle
    else high = middle
  }
  const part = (score - scores[low]!) / (scores[high]! - scores[low]!)
  return probabilities[low]! + part * (probabilities[high]! - probabilities[low]!)
}
