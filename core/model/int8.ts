const MOST = 127

/** Whole numbers from -127 to 127 and the scale of each column; a number is its whole one times its column's scale. */
export interface Quantised {
  readonly whole: Int8Array
  /** Of single precision. */
  readonly scales: Float64Array
}

/**
 * Rounds a row-major matrix to int8, symmetrically: a column's scale is its largest size over 127. Rounding again what
 * {@link dequantised} gives changes nothing.
 */
export function quantised(data: ArrayLike<number>, columns: number): Quantised {
  const scales = new Float64Array(columns)
  for (let i = 0; i < data.length; i++) {
    const size = Math.abs(data[i]!)
    if (size > scales[i % columns]!) scales[i % columns] = size
  }
  // A column of zeros keeps them whatever its scale is.
  for (let k = 0; k < columns; k++) scales[k] = Math.fround(scales[k]! / MOST) || 1
  const whole = Int8Array.from(data, (value, i) =>
    Math.max(-MOST, Math.min(MOST, Math.round(value / scales[i % columns]!))),
  )
  return { whole, scales }
}

/** Writes the numbers that a quantised matrix stands for into `into`, of the same length. */
export function dequantised<T extends Float32Array | Float64Array>({ whole, scales }: Quantised, into: T): T {
  for (let i = 0; i < whole.length; i++) into[i] = whole[i]! * scales[i % scales.length]!
  return into
}
