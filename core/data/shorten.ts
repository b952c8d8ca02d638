/** The text in one line of at most `limit` characters (code points); an ellipsis stands for what was cut. */
export function shorten(text: string, limit: number): string {
  const line = text.replace(/\s+/g, ' ')
  const characters = [...line]
  if (characters.length <= limit) return line
  return `${characters
    .slice(0, limit - 1)
    .join('')
    .trimEnd()}…`
}
