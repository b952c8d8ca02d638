const bits = new DataView(new ArrayBuffer(8))

/** The largest number of single precision that is not above: `x ≤ value` says the same of every single `x`. */
export function singleBelow(value: number): number {
  const nearest = Math.fround(value)
  return nearest <= value ? nearest : nextSingle(nearest, -1)
}

/** The number of single precision next to one, up or down. */
export function nextSingle(value: number, step: 1 | -1): number {
  bits.setFloat32(0, value)
  const whole = bits.getInt32(0)
  // Neighbours of one sign are neighbours as whole numbers, which grow with the size.
  if (value === 0) bits.setInt32(0, step > 0 ? 1 : -0x7fffffff)
  else bits.setInt32(0, value > 0 ? whole + step : whole - step)
  return bits.getFloat32(0)
}

/** The number of double precision below one that is not 0. */
export function doubleBelow(value: number): number {
  bits.setFloat64(0, value)
  bits.setBigInt64(0, bits.getBigInt64(0) + (value > 0 ? -1n : 1n))
  return bits.getFloat64(0)
}
