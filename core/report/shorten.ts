/** The text in one line of at most `limit` characters (code points); an ellipsis stands for what was cut. */
export function shorten(text: string, limit: number): string {
  // Texts can be megabytes; folded white space and surrogate pairs need some more than the limit.
  const start = text.slice(0, 4 * limit)
  const characters = [...start.replace(/\s+/g, ' ')]
  if (characters.length <= limit && start.length === text.length) return characters.join('')
  const kept = characters.slice(0, limit - 1).join('')
  return `${kept.trimEnd()}…`
}
