import { type Document, dump, SCALAR_STYLE, visit } from 'js-yaml'

/** Words of letters, digits, `_`, `-`, `.` and `/`, of which none begins a number: no reader takes these for anything but text. */
const PLAIN = /^[A-Za-z_][\w./-]*(?: [\w./-]+)*$/
/** Except for what YAML 1.1 reads as a boolean or as nothing. */
const MEANT = /^(?:y|yes|n|no|true|false|on|off|null)$/i
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
    if (isPlain(value) || typeof value === 'boolean') return { text: `${value}`, openEnded: false }
    return recall(this.#values, value, () => {
      const written = quoted({ k: value }).slice('k: '.length)
      const openEnded = written.endsWith(OPEN_END)
      return { text: written.slice(0, openEnded ? -OPEN_END.length : -1), openEnded }
    })
  }

  /** A key without its colon. One too long or too manifold for the line of its value begins with `? `. */
  key(key: string): string {
    if (isPlain(key) && key.length <= LONGEST_KEPT) return key
    return recall(this.#keys, key, () => quoted({ [key]: 0 }).replace(/\n?: 0\n$/, ''))
  }
}

function isPlain(value: unknown): value is string {
  return typeof value === 'string' && PLAIN.test(value) && !MEANT.test(value)
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
