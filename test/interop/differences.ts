/**
 * Between two runs of scikit-learn, relative above 1: a hundred times finer than the unit tests compare ours with, and
 * above what another processor's order of summation moves.
 */
const GOLDEN_TOLERANCE = 1e-6

/** Where two JSON values differ, both ways, the first few; numbers may by the tolerance. */
export function differences(a: unknown, b: unknown, at: string, tolerance = GOLDEN_TOLERANCE): string[] {
  if (typeof a === 'number' && typeof b === 'number') {
    return Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)) ? [] : [`${at}: ${a}, not ${b}`]
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return a === b ? [] : [`${at}: ${JSON.stringify(a)}, not ${JSON.stringify(b)}`]
  }
  const found: string[] = []
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    if (found.length >= 10) break
    const [left, right] = [a, b].map(value => (value as Record<string, unknown>)[key])
    found.push(...differences(left, right, `${at}.${key}`, tolerance))
  }
  return found
}
