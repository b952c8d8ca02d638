/** What a figure must reach; most have no goal. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number }

/** Repeated measurements of one case. */
export interface Samples {
  readonly case: string
  readonly unit: string
  readonly ours: readonly number[]
  /** The same work done by something else, measured in turns with ours. */
  readonly peer?: readonly number[]
  readonly goal?: Goal
}

type Range = readonly [least: number, most: number]

/** One line of a benchmark's table, and one object of its JSON. */
export interface Row {
  readonly case: string
  /** Median of the runs, as is the peer's; four digits. */
  readonly ours: number
  readonly peer: number | null
  readonly unit: string
  /** ours / peer: whether less or more is better depends on the unit. */
  readonly ratio: number | null
  /** `<= 15` or `>= 1000`, in the row's unit. */
  readonly goal: string | null
  readonly met: boolean | null
  /** The least and most of all runs: the noise. */
  readonly spread: { readonly ours: Range; readonly peer: Range | null }
}

/**
 * Sums up a case's runs. The goal is held against the median as measured, not as rounded.
 * @throws Error when there is nothing to sum up
 */
export function summarise({ case: name, unit, ours, peer, goal }: Samples): Row {
  const own = median(ours)
  const other = peer === undefined ? null : median(peer)
  return {
    case: name,
    ours: rounded(own),
    peer: other === null ? null : rounded(other),
    unit,
    ratio: other === null || other === 0 ? null : rounded(own / other),
    goal: goal === undefined ? null : 'atMost' in goal ? `<= ${goal.atMost}` : `>= ${goal.atLeast}`,
    met: goal === undefined ? null : 'atMost' in goal ? own <= goal.atMost : own >= goal.atLeast,
    spread: { ours: rangeOf(ours), peer: peer === undefined ? null : rangeOf(peer) },
  }
}

/**
 * The middle value, or the mean of the middle two.
 * @throws Error of no values
 */
export function median(values: readonly number[]): number {
  const sorted = ascending(values)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/**
 * The least value that at least `share` of the values do not exceed (the nearest rank, no interpolation).
 * @param share above 0, at most 1: 0.99 for p99
 * @throws Error of no values
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = ascending(values)
  return sorted[Math.max(Math.ceil(share * sorted.length), 1) - 1]!
}

/** A row as the cells of {@link HEADINGS}. */
export function cellsOf({ case: name, ours, peer, unit, ratio, goal, met, spread }: Row): string[] {
  return [
    name,
    unit,
    `${ours}`,
    noise(spread.ours),
    peer === null ? '' : `${peer}`,
    spread.peer === null ? '' : noise(spread.peer),
    ratio === null ? '' : ratio.toFixed(2),
    goal ?? '',
    met === null ? '' : met ? 'met' : 'MISSED',
  ]
}

export const HEADINGS = [
  'case',
  'unit',
  'ours',
  '(least to most)',
  'peer',
  '(least to most)',
  'ratio',
  'goal',
  '',
]

function noise([least, most]: Range): string {
  return `${least} to ${most}`
}

function rangeOf(values: readonly number[]): Range {
  return [rounded(Math.min(...values)), rounded(Math.max(...values))]
}

function ascending(values: readonly number[]): Float64Array {
  if (values.length === 0) throw new Error('there are no measurements')
  return Float64Array.from(values).sort()
}

/** More digits than any of these measurements have. */
function rounded(value: number): number {
  return Number(value.toPrecision(4))
}
