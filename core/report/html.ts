/** Text that is HTML already. */
export interface Html {
  readonly text: string
}

type Part = string | number | undefined | Html | readonly Part[]

/** A template whose values are escaped, in text and in quoted attributes alike, unless they are {@link Html}. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { text: strings.reduce((text, string, i) => text + textOf(parts[i - 1]) + string) }
}

/** Marks text as HTML: it is put in as it is. */
export function raw(text: string): Html {
  return { text }
}

function textOf(part: Part): string {
  if (part === undefined) return ''
  if (typeof part === 'object') return 'text' in part ? part.text : part.map(textOf).join('')
  return String(part).replaceAll(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}
