import { PressroomError } from '../errors.ts'
import { grown } from './bytes.ts'

/** What an Int32Array of positions can tell apart. */
const MOST_ENTRIES = 2 ** 31 - 1

/** What a byte can hold. */
const MANY = 255

/**
 * Counts what each row holds, row behind row: entry `i` says that its row holds `ids[i]` as often as `countOf(i)` says. Ids are small
 * whole numbers from 0 up.
 */
export class RowCounter {
  size = 0
  ids = new Int32Array(1 << 12)
  /** Up to MANY; from there on `#many` knows. Nearly all counts are 1, and this is a third of what fitting holds. */
  #counts = new Uint8Array(1 << 12)
  readonly #many = new Map<number, number>()
  #rowStart = 0
  /** By id: the entry that counted it last. Believed only where that entry agrees, so nothing is ever cleared. */
  #entries = new Int32Array(1 << 12)

  /** Forgets all rows. */
  clear(): void {
    this.size = 0
    this.#rowStart = 0
    this.#many.clear()
  }

  countOf(entry: number): number {
    const count = this.#counts[entry]!
    return count < MANY ? count : (this.#many.get(entry) ?? MANY)
  }

  /** What is counted from here on belongs to the next row. */
  endRow(): void {
    this.#rowStart = this.size
  }

  /** Makes `add` ready for ids below `ids`. */
  reserve(ids: number): void {
    if (ids > this.#entries.length) this.#entries = grown(this.#entries, ids)
  }

  add(id: number): void {
    const entry = this.#entries[id]!
    if (entry >= this.#rowStart && entry < this.size && this.ids[entry] === id) {
      if (this.#counts[entry]! < MANY) this.#counts[entry]!++
      else this.#many.set(entry, this.countOf(entry) + 1)
      return
    }
    if (this.size === this.ids.length) this.#grow()
    this.#entries[id] = this.size
    this.ids[this.size] = id
    this.#counts[this.size++] = 1
  }

  addEach(ids: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) this.add(ids[i]!)
  }

  /** As `addEach`, of what `map` has in the ids' places; ids and what they map to may be negative, and do not count then. */
  addMapped(ids: Int32Array, count: number, map: Int32Array): void {
    for (let i = 0; i < count; i++) {
      const id = ids[i]!
      const mapped = id < 0 ? id : map[id]!
      if (mapped >= 0) this.add(mapped)
    }
  }

  #grow(): void {
    if (2 * this.size > MOST_ENTRIES) {
      throw new PressroomError('invalid-setting', 'the rows hold more n-grams than one matrix can', {
        where: `${MOST_ENTRIES} entries are the most`,
        fix: 'lower ngramRange, or give the rows in parts with vectorizer hashing',
      })
    }
    this.ids = grown(this.ids, 0)
    this.#counts = grown(this.#counts, 0)
  }
}
