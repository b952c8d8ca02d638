// scikit-learn's default token pattern, (?u)\b\w\w+\b, said without \b: matching is greedy, so a match is a whole run of
// word characters. Python's \w is str.isalnum() or "_": every letter and number of Unicode, but no combining mark.
const WORD = /[\p{L}\p{N}_]{2,}/gu

/**
 * The words of a text, in order: its runs of two or more letters, digits and underscores.
 *
 * Lower-casing is Unicode's full mapping, which is Python's `str.lower` too: one letter may become two, and a capital
 * sigma that ends a word becomes ς. Nothing else is normalised: composed and decomposed accents stay different words.
 */
export function tokenise(text: string, lowercase: boolean): readonly string[] {
  return (lowercase ? text.toLowerCase() : text).match(WORD) ?? []
}
