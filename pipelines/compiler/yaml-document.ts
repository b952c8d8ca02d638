import { OPEN_END, Scalars } from './yaml-scalar.ts'

/** Lines that are put together as soon as they are there: apart they take many times the memory. */
const BLOCK = 1024
/** Columns that each level stands further to the right. */
const INDENT = 2

/**
 * Plain data as a YAML document in block style: keys sorted, no anchors, nothing folded, the same bytes each time. It is
 * what js-yaml would write; laying out a large document through its syntax tree takes several times the time and memory.
 */
export function yamlDocument(mapping: object): string {
  const writer = new DocumentWriter(new Scalars())
  if (isFilled(mapping)) writer.entries(mapping, '', 0)
  else return '{}\n'
  return writer.text() + (writer.openEnded ? '...\n' : '')
}

/** The lines of an object that stands in several places. */
interface LaidOut {
  readonly column: number
  readonly text: string
  readonly openEnded: boolean
}

class DocumentWriter {
  readonly #scalars: Scalars
  /** What every task of a component says is one object, met at each of them: laid out at its second place, and copied from there. */
  readonly #met = new Map<object, LaidOut | 'once'>()
  readonly #blocks: string[] = []
  #lines: string[] = []
  /** Whether the last text ends with empty lines, which the end of the document must be told apart from. */
  openEnded = false

  constructor(scalars: Scalars) {
    this.#scalars = scalars
  }

  text(): string {
    this.#endBlock()
    return this.#blocks.join('')
  }

  #line(text: string): void {
    if (this.#lines.push(text) === BLOCK) this.#endBlock()
  }

  #endBlock(): void {
    if (this.#lines.length > 0) this.#blocks.push(`${this.#lines.join('\n')}\n`)
    this.#lines = []
  }

  /**
   * @param head what its line has already
   * @param column of whatever it belongs to
   * @param compact whether its first entry may stand on that line
   */
  #node(data: unknown, head: string, column: number, compact: boolean): void {
    if (!isFilled(data)) {
      this.#line(`${head} ${this.#leaf(data, column)}`)
    } else if (compact) {
      this.entries(data, `${head} `, column + INDENT)
    } else {
      this.#line(head)
      this.#below(data, column + INDENT)
    }
  }

  /** The entries of a list or a mapping on lines of their own. */
  #below(data: object, column: number): void {
    const met = this.#met.get(data)
    if (met === undefined) {
      this.#met.set(data, 'once')
      this.entries(data, ' '.repeat(column), column)
      return
    }
    const { text, openEnded } = met !== 'once' && met.column === column ? met : this.#layOut(data, column)
    this.#line(text)
    this.openEnded = openEnded
  }

  #layOut(data: object, column: number): LaidOut {
    const apart = new DocumentWriter(this.#scalars)
    apart.entries(data, ' '.repeat(column), column)
    const laidOut = { column, text: apart.text().slice(0, -1), openEnded: apart.openEnded }
    this.#met.set(data, laidOut)
    return laidOut
  }

  /** The entries of a list or a mapping, the first of them after `lead`. */
  entries(data: object, lead: string, column: number): void {
    const indent = ' '.repeat(column)
    let start = lead
    if (Array.isArray(data)) {
      for (const item of data) {
        this.#node(item, `${start}-`, column, true)
        start = indent
      }
      return
    }
    const mapping = data as Readonly<Record<string, unknown>>
    // In code unit order, the same everywhere; a key without a value is none.
    for (const name of sortedKeys(mapping)) {
      const value = mapping[name]
      if (value === undefined) continue
      const key = indented(this.#scalars.key(name), indent)
      if (key.startsWith('? ')) {
        this.#line(start + key)
        this.#node(value, `${indent}:`, column, true)
      } else {
        this.#node(value, `${start}${key}:`, column, false)
      }
      start = indent
    }
  }

  #leaf(data: unknown, column: number): string {
    this.openEnded = false
    if (typeof data === 'object' && data !== null) return Array.isArray(data) ? '[]' : '{}'
    const text = this.#scalars.value(data)
    if (!text.includes('\n')) return text
    this.openEnded = text.endsWith(OPEN_END)
    return indented(this.openEnded ? text.slice(0, -OPEN_END.length) : text, ' '.repeat(column))
  }
}

/** Most objects come with their keys in order, and looking is cheaper than sorting. */
function sortedKeys(mapping: object): readonly string[] {
  const names = Object.keys(mapping)
  for (let i = 1; i < names.length; i++) if (names[i - 1]! > names[i]!) return names.sort()
  return names
}

/** Whether it has entries, which take lines of their own. */
function isFilled(data: unknown): data is object {
  if (typeof data !== 'object' || data === null) return false
  for (const key in data) if (Array.isArray(data) || data[key as keyof typeof data] !== undefined) return true
  return false
}

function indented(text: string, indent: string): string {
  return text.includes('\n') ? text.replace(/\n(?!\n|$)/g, `\n${indent}`) : text
}
