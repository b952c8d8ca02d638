/** From here on a radix sort beats insertion, which is quadratic but has nothing to set up. */
const MANY = 64
/** Most bits of a digit: more would mean fewer rounds, but each would go through more places than there are pairs. */
const DIGIT_BITS = 10

/** Sorts pairs of whole numbers by the first, which are 0 or more. Keeps its scratch space for the next time. */
export class PairSorter {
  #keys: Int32Array = new Int32Array(0)
  #values: Int32Array = new Int32Array(0)
  readonly #ends = new Int32Array((1 << DIGIT_BITS) + 1)

  /** Sorts the first `length` pairs of the two arrays in place; pairs of equal keys stay in their order. */
  sort(keys: Int32Array, values: Int32Array, length: number): void {
    if (length < MANY) this.#insert(keys, values, length)
    else this.#radix(keys, values, length)
  }

  #insert(keys: Int32Array, values: Int32Array, length: number): void {
    for (let i = 1; i < length; i++) {
      const key = keys[i]!
      const value = values[i]!
      let at = i
      for (; at > 0 && keys[at - 1]! > key; at--) {
        keys[at] = keys[at - 1]!
        values[at] = values[at - 1]!
      }
      keys[at] = key
      values[at] = value
    }
  }

  #radix(keys: Int32Array, values: Int32Array, length: number): void {
    if (length > this.#keys.length) {
      this.#keys = new Int32Array(2 * length)
      this.#values = new Int32Array(2 * length)
    }
    let largest = 0
    for (let i = 0; i < length; i++) largest |= keys[i]!
    let [fromKeys, fromValues, toKeys, toValues] = [keys, values, this.#keys, this.#values]
    const bits = 32 - Math.clz32(largest)
    // As few rounds as can be, and then as few bits a round.
    const rounds = Math.ceil(bits / DIGIT_BITS)
    const digitBits = Math.ceil(bits / rounds)
    const mask = (1 << digitBits) - 1
    for (let shift = 0; shift < bits; shift += digitBits) {
      const ends = this.#ends.fill(0, 0, mask + 2)
      for (let i = 0; i < length; i++) ends[((fromKeys[i]! >>> shift) & mask) + 1]!++
      for (let digit = 0; digit <= mask; digit++) ends[digit + 1]! += ends[digit]!
      for (let i = 0; i < length; i++) {
        const key = fromKeys[i]!
        const at = ends[(key >>> shift) & mask]!++
        toKeys[at] = key
        toValues[at] = fromValues[i]!
      }
      ;[fromKeys, fromValues, toKeys, toValues] = [toKeys, toValues, fromKeys, fromValues]
    }
    if (fromKeys !== keys) {
      for (let i = 0; i < length; i++) {
        keys[i] = fromKeys[i]!
        values[i] = fromValues[i]!
      }
    }
  }
}
