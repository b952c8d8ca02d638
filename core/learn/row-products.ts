/*
 * The two products, of the entries `from` to `to` of a row. They take arrays, not the objects that hold them: of a short row,
 * looking those up would be a third of the time.
 */

/** Two sums, so that one addition need not wait for the last. `shift` is 1 where each weight is followed by another number. */
export function dotRow(
  weights: Float64Array,
  shift: 0 | 1,
  indices: Int32Array,
  values: Float64Array,
  from: number,
  to: number,
): number {
  let i = from
  let p = 0
  let q = 0
  if (shift === 0) {
    for (; i < to - 1; i += 2) {
      p += values[i]! * weights[indices[i]!]!
      q += values[i + 1]! * weights[indices[i + 1]!]!
    }
    return i < to ? p + q + values[i]! * weights[indices[i]!]! : p + q
  }
  for (; i < to - 1; i += 2) {
    p += values[i]! * weights[indices[i]! << 1]!
    q += values[i + 1]! * weights[indices[i + 1]! << 1]!
  }
  return i < to ? p + q + values[i]! * weights[indices[i]! << 1]! : p + q
}

/** `weights += factor · row`, each by the square of its scale where that follows it. */
export function addRow(
  weights: Float64Array,
  shift: 0 | 1,
  indices: Int32Array,
  values: Float64Array,
  from: number,
  to: number,
  factor: number,
): void {
  if (shift === 0) for (let i = from; i < to; i++) weights[indices[i]!]! += values[i]! * factor
  else {
    for (let i = from; i < to; i++) {
      const j = indices[i]! << 1
      weights[j]! += values[i]! * factor * weights[j + 1]!
    }
  }
}
