/**
 * Any text as Markdown that shows exactly that text on one line: every ASCII punctuation mark with a meaning is escaped
 * (spec.commonmark.org/0.31.2/#backslash-escapes), line ends become spaces.
 */
export function escapeMarkdown(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]<>()#+!|~&$]/g, '\\$&')
}

/** A table; the first columns, `texts` of them, are left-aligned, the others to the right. Cells are Markdown. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  texts = 1,
): string {
  const rule = head.map((_, i) => (i < texts ? '---' : '---:'))
  return [head, rule, ...rows].map(cells => `| ${cells.join(' | ')} |\n`).join('')
}
