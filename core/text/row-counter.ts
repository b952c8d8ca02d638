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
  ids: Int32Array
  /** Up to MANY; from there on `#many` knows. Nearly all counts are 1, and this is a third of what fitting holds. */
  #counts: Uint8Array
  readonly #many = new Map<number, number>()
  #rowStart = 0
  /**
   * By id: at `2 id` the entry that counted it last, believed only where that entry agrees, so that nothing is ever cleared; at
   * `2 id + 1` the entries that ever did, which are the rows that hold it.
   */
  #seen: Int32Array
  readonly #one = new Int32Array(1)
  #mapped = new Int32Array(256)

  /**
   * Makes room for so many entries and ids; more may come. Room that is never used takes no memory, since the system gives pages
   * when they are touched.
   */
  constructor(expectedEntries = 0, expectedIds = 0) {
    const entries = Math.max(expectedEntries, 1 << 12)
    this.#seen = new Int32Array(2 * Math.max(expectedIds, 1 << 12))
    this.ids = new Int32Array(entries)
    this.#counts = new Uint8Array(entries)
  }

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

  /**
   * How often each id was counted, at `2 id`, and in how many rows, at `2 id + 1`. The array is the counter's own, which takes no
   * more rows from here on: a copy would be as large as all that a fit learns of its n-grams.
   * @param once whether to count an id once a row, however often it stood there
   */
  frequencies(once: boolean): Int32Array {
    const seen = this.#seen
    for (let at = 0; at < seen.length; at += 2) seen[at] = seen[at + 1]!
    const counts = this.#counts
    const { ids, size } = this
    for (let i = 0; !once && i < size; i++) if (counts[i]! > 1) seen[2 * ids[i]!]! += this.countOf(i) - 1
    return seen
  }

  /** What is counted from here on belongs to the next row. */
  endRow(): void {
    this.#rowStart = this.size
  }

  /** Makes `add` ready for ids below `ids`. */
  reserve(ids: number): void {
    if (2 * ids > this.#seen.length) this.#seen = grown(this.#seen, 2 * ids)
  }

  add(id: number): void {
    this.#one[0] = id
    this.addEach(this.#one, 1)
  }

  addEach(ids: Int32Array, count: number): void {
    while (this.size + count > this.ids.length) this.#grow()
    const seen = this.#seen
    const own = this.ids
    const counts = this.#counts
    const rowStart = this.#rowStart
    let size = this.size
    for (let i = 0; i < count; i++) {
      const id = ids[i]!
      const entry = seen[2 * id]!
      if (entry >= rowStart && entry < size && own[entry] === id) {
        if (counts[entry]! < MANY) counts[entry]!++
        else this.#many.set(entry, this.countOf(entry) + 1)
        continue
      }
      seen[2 * id] = size
      seen[2 * id + 1]!++
      own[size] = id
      counts[size++] = 1
    }
    this.size = size
  }

  /** As `addEach`, of what `map` has in the ids' places; ids and what they map to may be negative, and do not count then. */
  addMapped(ids: Int32Array, count: number, map: Int32Array): void {
    if (count > this.#mapped.length) this.#mapped = new Int32Array(2 * count)
    const mapped = this.#mapped
    let known = 0
    for (let i = 0; i < count; i++) {
      const id = ids[i]!
      const to = id < 0 ? id : map[id]!
      if (to >= 0) mapped[known++] = to
    }
    this.addEach(mapped, known)
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
