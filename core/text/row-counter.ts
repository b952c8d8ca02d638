import { PressroomError } from '../errors.ts'
import { grown } from './bytes.ts'
import { NgramTrie, NONE } from './trie.ts'

/** What an Int32Array of positions can tell apart. */
const MOST_ENTRIES = 2 ** 31 - 1

/** What a byte can hold. */
const MANY = 255

/**
 * Counts what each row holds, row behind row: entry `i` says that its row holds the node `ids[i]` as often as `countOf(i)` says.
 *
 * It keeps its own of a node in the trie's record: at `4 node + 2` the entry that counted it last, believed only where that entry
 * agrees, so that nothing is ever cleared; at `4 node + 3` the entries that ever did, which are the rows that hold it.
 */
export class RowCounter {
  size = 0
  ids: Int32Array
  /** Up to MANY; from there on `#many` knows. Nearly all counts are 1, and this is a third of what fitting holds. */
  #counts: Uint8Array
  readonly #many = new Map<number, number>()
  #rowStart = 0
  #trie: NgramTrie
  readonly #one = new Int32Array(1)

  /** @param expected entries; room that is never used takes no memory, since the system gives pages when they are touched */
  constructor(trie: NgramTrie, expected = 0) {
    const entries = Math.max(expected, 1 << 12)
    this.#trie = trie
    this.ids = new Int32Array(entries)
    this.#counts = new Uint8Array(entries)
  }

  /** Forgets all rows. */
  clear(): void {
    this.size = 0
    this.#rowStart = 0
    // Asked first, since clearing makes a new table even of none.
    if (this.#many.size > 0) this.#many.clear()
  }

  countOf(entry: number): number {
    const count = this.#counts[entry]!
    return count < MANY ? count : (this.#many.get(entry) ?? MANY)
  }

  /**
   * Says how often each node was counted, at `4 node + 2` of the trie's records, and in how many rows, at `4 node + 3`. The counter
   * takes no more rows from here on, and lets the trie go: arrays of their own would be as large as all that a fit learns of its
   * n-grams.
   * @param once whether to count a node once a row, however often it stood there
   */
  sum(once: boolean): void {
    const { nodes, size: known } = this.#trie
    for (let node = 0; node < known; node++) nodes[4 * node + 2] = nodes[4 * node + 3]!
    const counts = this.#counts
    const { ids, size } = this
    for (let i = 0; !once && i < size; i++) if (counts[i]! > 1) nodes[4 * ids[i]! + 2]! += this.countOf(i) - 1
    this.#trie = new NgramTrie(0)
  }

  /** What is counted from here on belongs to the next row. */
  endRow(): void {
    this.#rowStart = this.size
  }

  add(node: number): void {
    this.#one[0] = node
    this.addEach(this.#one, 1)
  }

  /** Counts nodes; NONE does not count. */
  addEach(nodes: Int32Array, count: number): void {
    while (this.size + count > this.ids.length) this.#grow()
    const { nodes: records } = this.#trie
    const { ids } = this
    const counts = this.#counts
    const rowStart = this.#rowStart
    let size = this.size
    for (let i = 0; i < count; i++) {
      const node = nodes[i]!
      if (node === NONE) continue
      const entry = records[4 * node + 2]!
      if (entry >= rowStart && entry < size && ids[entry] === node) {
        if (counts[entry]! < MANY) counts[entry]!++
        else this.#many.set(entry, this.countOf(entry) + 1)
        continue
      }
      records[4 * node + 2] = size
      records[4 * node + 3]!++
      ids[size] = node
      counts[size++] = 1
    }
    this.size = size
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
