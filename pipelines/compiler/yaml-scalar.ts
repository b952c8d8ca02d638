import { type Document, dump, SCALAR_STYLE, visit } from 'js-yaml'

/** One line of printable ASCII without spaces at its ends: the texts that are settled here, as js-yaml would settle them. */
const SIMPLE = /^[!-~](?:[ -~]*[!-~])?$/
/** What begins so is text to every reader, */
const WORD = /^(?:[A-Za-z_/$(]|--?[A-Za-z])/
/** but for what YAML 1.1 reads as a boolean or as nothing, */
const MEANT = /^(?:y|yes|n|no|true|false|on|off|null)$/i
/** and needs quotes only where it holds what ends a plain scalar. */
const BREAKING = /:(?: |$)| #/
/** What begins as a number or with an indicator needs quotes anyhow. */
const QUOTED = /^(?:[-+.]?\d|[,[\]{}#&*!|>'"%@`])/
/** Most of a specification's texts come again and again; long ones do not. */
const LONGEST_KEPT = 200
/** A text that ends with empty lines also ends the document, where it is the last of it. */
const OPEN_END = '\n...\n'

/** A scalar as it stands in a document, its lines after the first indented as if its own began at the margin. */
interface ScalarText {
  readonly text: string
  readonly openEnded: boolean
}

/** How scalars are quoted, which is js-yaml's to say, asked once for each. */
export class Scalars {
  readonly #values = new Map<unknown, ScalarText>()
  readonly #keys = new Map<string, string>()

  /** A value. */
  value(value: unknown): ScalarText {
    const isWhole = Number.isSafeInteger(value) && !Object.is(value, -0)
    const isKnown = typeof value === 'boolean' || value === null || isWhole
    const text = isKnown ? `${value}` : typeof value === 'string' ? simple(value) : undefined
    if (text !== undefined) return { text, openEnded: false }
    return recall(this.#values, value, () => {
      const written = quoted({ k: value }).slice('k: '.length)
      const openEnded = written.endsWith(OPEN_END)
      return { text: written.slice(0, openEnded ? -OPEN_END.length : -1), openEnded }
    })
  }

  /** A key without its colon. One too long or too manifold for the line of its value begins with `? `. */
  key(key: string): string {
    const text = key.length <= LONGEST_KEPT ? simple(key) : undefined
    return text ?? recall(this.#keys, key, () => quoted({ [key]: 0 }).replace(/\n?: 0\n$/, ''))
  }
}

/** How a simple text is written; undefined for what takes js-yaml to know. */
function simple(text: string): string | undefined {
  if (!SIMPLE.test(text)) return undefined
  if (WORD.test(text)) {
    if (MEANT.test(text)) return undefined
    return BREAKING.test(text) ? singleQuoted(text) : text
  }
  return QUOTED.test(text) ? singleQuoted(text) : undefined
}

function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

function recall<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  if (typeof key === 'string' && key.length > LONGEST_KEPT) return make()
  const found = known.get(key) ?? make()
  known.set(key, found)
  return found
}

function quoted(value: object): string {
  return dump(value, { noRefs: true, lineWidth: -1, transform: quoteLeadingDigits })
}

/**
 * Go's YAML reads `2024-1-1` as a time and `0B1` as a number, which js-yaml's own table of YAML 1.1 and 1.2 forms leaves
 * plain: whatever begins as a number does is quoted.
 */
function quoteLeadingDigits(documents: Document[]): void {
  visit(documents, node => {
    if (node.kind !== 'scalar' || node.tag !== 'tag:yaml.org,2002:str') return
    if (node.style === SCALAR_STYLE.PLAIN && /^[-+.]?\d/.test(node.value)) {
      node.style = SCALAR_STYLE.SINGLE_QUOTED
    }
  })
}
