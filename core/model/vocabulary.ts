/**
 * Reads vocabulary.txt of a folder of format 1: one n-gram a line in column order, UTF-8, each line ended by a line feed.
 * @throws Error with a clause that says what is wrong.
 */
export function decodeVocabulary(bytes: Uint8Array): string[] {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  if (text !== '' && !text.endsWith('\n')) throw new Error('its last line is cut off')
  const ngrams = text.split('\n').slice(0, -1)
  if (ngrams.includes('')) throw new Error('it has an empty line')
  return ngrams
}
