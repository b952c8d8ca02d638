import type { BadRows } from './bad-rows.ts'
import type { Row } from './dataset.ts'

interface Kept {
  readonly row: Row
  readonly line: number
}

/**
 * Rows with distinct texts, or texts and other columns where those are kept, in the order they came. A row like an earlier one is a duplicate. A text that comes with two
 * labels is a conflict, and every row of it bad: nothing says which label is right.
 */
export class DistinctRows {
  #duplicates = 0
  readonly #kept = new Map<string, Kept>()
  /** Texts that came with several labels, and what to say of their rows. */
  readonly #conflicts = new Map<string, string>()
  readonly #labels = new Map<string, string>()

  get duplicates(): number {
    return this.#duplicates
  }

  /** The kept rows and the lines they came from. */
  get kept(): Iterable<Kept> {
    return this.#kept.values()
  }

  get labels(): Iterable<string> {
    return this.#labels.keys()
  }

  add(row: Row, line: number, bad: BadRows): void {
    const key = row.columns === undefined ? row.text : JSON.stringify([row.text, row.columns])
    const known = this.#conflicts.get(key)
    const twin = this.#kept.get(key)
    if (known !== undefined) bad.add(line, known)
    else if (twin === undefined) this.#keep(key, row, line)
    else if (twin.row.label === row.label) this.#duplicates++
    else {
      const problem = `the same text is labelled "${twin.row.label}" on line ${twin.line} and "${row.label}" on line ${line}`
      this.#conflicts.set(key, problem)
      this.#kept.delete(key)
      bad.add(twin.line, problem)
      bad.add(line, problem)
    }
  }

  /** One string a label serves all rows that have it. */
  #keep(key: string, row: Row, line: number): void {
    const label = this.#labels.get(row.label) ?? row.label
    this.#labels.set(label, label)
    const { text, columns } = row
    this.#kept.set(key, { row: columns === undefined ? { text, label } : { text, label, columns }, line })
  }
}
