/** Whole numbers from 0 up to, but not including, `below` (at most 2 ** 32), all equally likely but for rounding. */
export interface Random {
  next(below: number): number
  /** From 0 up to, but not including, 1. */
  unit(): number
  /** Plain data: {@link randomFrom} goes on from here. */
  state(): number
}

/**
 * Numbers that are the same on every machine for the same seed: Mulberry32 (T. Ettinger, 2017, public domain), whose state
 * is one 32-bit number. Good for shuffling, never for secrets.
 */
export function randomFrom(seed: number): Random {
  let state = seed | 0
  const unit = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { next: below => Math.floor(unit() * below), unit, state: () => state }
}

/** Shuffles the first `count` numbers of a list in place (Fisher and Yates). */
export function shuffle(list: Int32Array, count: number, random: Random): void {
  for (let i = count - 1; i > 0; i--) {
    const j = random.next(i + 1)
    const held = list[i]!
    list[i] = list[j]!
    list[j] = held
  }
}

/**
 * Shuffles as {@link shuffle} does, by Marsaglia's xorshift (Xorshift RNGs, Journal of Statistical Software 8, 2003), which
 * takes a third of the time and is random enough for the order in which a solver takes its rows.
 * @param state a seed, or what the last call returned
 */
export function shuffleFast(list: Int32Array, count: number, state: number): number {
  // A state of 0 would stay 0; the golden ratio tells small seeds apart.
  let bits = Math.imul(state, 0x9e3779b1) || 0x9e3779b1
  for (let i = count - 1; i > 0; i--) {
    bits ^= bits << 13
    bits ^= bits >>> 17
    bits ^= bits << 5
    const j = ((bits >>> 0) * (i + 1) * 2 ** -32) | 0
    const held = list[i]!
    list[i] = list[j]!
    list[j] = held
  }
  return bits
}
