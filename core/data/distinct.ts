import type { BadRows } from './bad-rows.ts'
import type { Row } from './dataset.ts'

/**
 * Rows with distinct texts, or texts and other columns where those are kept, in the order they came. A row like an earlier one is a duplicate. A text that comes with two
 * labels is a conflict, and every row of it bad: nothing says which label is right.
 */
export class DistinctRows {
  #duplicates = 0
  /** By what makes a row distinct, its place in `#rows`, or what to say of it when it came with several labels. */
  readonly #known = new Map<string, number | string>()
  /** With holes where a conflict was found later. */
  readonly #rows: (Row | undefined)[] = []
  /** The line that each came from. */
  readonly #lines: number[] = []
  readonly #labels = new Map<string, string>()

  get duplicates(): number {
    return this.#duplicates
  }

  /** Calls back with each row that is kept and the line it came from. */
  each(visit: (row: Row, line: number) => void): void {
    this.#rows.forEach((row, i) => {
      if (row !== undefined) visit(row, this.#lines[i]!)
    })
  }

  get labels(): Iterable<string> {
    return this.#labels.keys()
  }

  add(row: Row, line: number, bad: BadRows): void {
    const key = row.columns === undefined ? row.text : JSON.stringify([row.text, row.columns])
    const known = this.#known.get(key)
    if (known === undefined) this.#keep(key, row, line)
    else if (typeof known === 'string') bad.add(line, known)
    else if (this.#rows[known]!.label === row.label) this.#duplicates++
    else {
      const [label, first] = [this.#rows[known]!.label, this.#lines[known]!]
      const problem = `the same text is labelled "${label}" on line ${first} and "${row.label}" on line ${line}`
      this.#known.set(key, problem)
      this.#rows[known] = undefined
      bad.add(first, problem)
      bad.add(line, problem)
    }
  }

  /** One string a label serves all rows that have it. */
  #keep(key: string, row: Row, line: number): void {
    const label = this.#labels.get(row.label) ?? row.label
    this.#labels.set(label, label)
    const { text, columns } = row
    this.#known.set(key, this.#rows.length)
    this.#rows.push(columns === undefined ? { text, label } : { text, label, columns })
    this.#lines.push(line)
  }
}
