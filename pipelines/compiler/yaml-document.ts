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
  const writer = new DocumentWriter()
  writer.write(mapping)
  return writer.text()
}

class DocumentWriter {
  readonly #scalars = new Scalars()
  readonly #blocks: string[] = []
  #lines: string[] = []
  #openEnded = false

  write(mapping: object): void {
    if (isFilled(mapping)) this.#entries(mapping, '', 0)
    else this.#line('{}')
  }

  text(): string {
    this.#endBlock()
    return this.#blocks.join('') + (this.#openEnded ? '...\n' : '')
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
      this.#entries(data, `${head} `, column + INDENT)
    } else {
      this.#line(head)
      this.#entries(data, ' '.repeat(column + INDENT), column + INDENT)
    }
  }

  /** The entries of a list or a mapping, the first of them after `lead`. */
  #entries(data: object, lead: string, column: number): void {
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
    for (const name of Object.keys(mapping).sort()) {
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
    this.#openEnded = false
    if (typeof data === 'object' && data !== null) return Array.isArray(data) ? '[]' : '{}'
    const text = this.#scalars.value(data)
    if (!text.includes('\n')) return text
    this.#openEnded = text.endsWith(OPEN_END)
    return indented(this.#openEnded ? text.slice(0, -OPEN_END.length) : text, ' '.repeat(column))
  }
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
