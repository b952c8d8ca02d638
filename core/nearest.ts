import { closest, distance } from 'fastest-levenshtein'

/** What of the known is a slip of the fingers away from the word: a third of its letters wrong at most, two of a short one. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined
  const found = closest(word, [...known])
  return distance(word, found) <= Math.max(2, word.length / 3) ? found : undefined
}

/** `; did you mean "x"?` when something known is near, else nothing. */
export function suggest(word: string, known: readonly string[]): string {
  const found = nearest(word, known)
  return found === undefined ? '' : `; did you mean "${found}"?`
}
