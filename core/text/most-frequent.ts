/** numpy's limit below which it sorts by insertion (npysort/quicksort.cpp, SMALL_QUICKSORT). */
const SMALL = 16

/**
 * The positions of the `limit` largest totals, in ascending order; `limit` is at most `totals.length`.
 *
 * Which of several equal totals stay is what scikit-learn's `(-totals).argsort()[:limit]` says: numpy's portable
 * introsort, followed here only into the part that holds the border, which is all that membership depends on. numpy
 * orders ties differently where it sorts with AVX2 or AVX-512, so scikit-learn itself agrees with itself only on
 * machines of one kind; its answer on ARM, and with NPY_DISABLE_CPU_FEATURES, is this one. Left out is introsort's
 * escape into heap sort after 2 log2(n) lopsided splits, which counts of words do not provoke.
 */
export function mostFrequent(totals: Int32Array, limit: number): Int32Array {
  const order = totals.map((_, place) => place)
  const before = (a: number, b: number) => totals[order[a]!]! > totals[order[b]!]!
  const swap = (a: number, b: number) => {
    const held = order[a]!
    order[a] = order[b]!
    order[b] = held
  }
  let low = 0
  let high = order.length - 1
  while (high - low > SMALL) {
    const middle = low + ((high - low) >> 1)
    if (before(middle, low)) swap(middle, low)
    if (before(high, middle)) swap(high, middle)
    if (before(middle, low)) swap(middle, low)
    // The pivot, a median of three, waits at high - 1 while both ends walk towards each other.
    const pivot = high - 1
    swap(middle, pivot)
    let left = low
    let right = pivot
    for (;;) {
      do left++
      while (before(left, pivot))
      do right--
      while (before(pivot, right))
      if (left >= right) break
      swap(left, right)
    }
    swap(left, pivot)
    if (limit <= left) high = left - 1
    else low = left + 1
  }
  // Insertion is a stable sort, as numpy's is.
  const rest = order.subarray(low, high + 1)
  rest.set(Array.from(rest).sort((a, b) => totals[b]! - totals[a]!))
  return order.slice(0, limit).sort()
}
