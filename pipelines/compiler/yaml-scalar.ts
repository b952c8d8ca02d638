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
/** What YAML 1.1 takes for a line break or for no text at all, and js-yaml, which writes YAML 1.2, leaves as it is. */
const NOT_IN_YAML_1_1 = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/
/** Most of a specification's texts come again and again; long ones do not. */
const LONGEST_KEPT = 200
/** What js-yaml puts behind a document whose last text ends with empty lines. */
export const OPEN_END = '\n...'

/**
 * How scalars are written; each is settled once. Lines after a text's first are indented as if its own began at the
 * margin.
 */
export class Scalars {
  readonly #values = new Map<string, string>()
  readonly #keys = new Map<string, string>()

  /** A value. It ends with {@link OPEN_END} if its document must, when it is the last of it. */
  value(value: unknown): string {
    if (typeof value === 'boolean' || value === null || isWhole(value)) return `${value}`
    if (typeof value !== 'string') return writtenAsValue(value)
    return this.#values.get(value) ?? remember(this.#values, value, simple(value) ?? writtenAsValue(value))
  }

  /** A key without its colon. One too long or too manifold for the line of its value begins with `? `. */
  key(key: string): string {
    return this.#keys.get(key) ?? remember(this.#keys, key, writtenAsKey(key))
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

function remember(known: Map<string, string>, key: string, text: string): string {
  if (text.length <= LONGEST_KEPT) known.set(key, text)
  return text
}

function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0)
}

function writtenAsValue(value: unknown): string {
  return quoted({ k: value }).slice('k: '.length, -1)
}

function writtenAsKey(key: string): string {
  const text = key.length <= LONGEST_KEPT ? simple(key) : undefined
  return text ?? quoted({ [key]: 0 }).replace(/\n?: 0\n$/, '')
}

function quoted(value: object): string {
  return dump(value, { noRefs: true, lineWidth: -1, transform: quoteForAll })
}

/**
 * Go's YAML reads `2024-1-1` as a time and `0B1` as a number, which js-yaml's own table of YAML 1.1 and 1.2 forms leaves
 * plain: whatever begins as a number does is quoted.
 */
function quoteForAll(documents: Document[]): void {
  visit(documents, node => {
    if (node.kind !== 'scalar' || node.tag !== 'tag:yaml.org,2002:str') return
    if (NOT_IN_YAML_1_1.test(node.value)) node.style = SCALAR_STYLE.DOUBLE_QUOTED
    else if (node.style === SCALAR_STYLE.PLAIN && /^[-+.]?\d/.test(node.value)) {
      node.style = SCALAR_STYLE.SINGLE_QUOTED
    }
  })
}
