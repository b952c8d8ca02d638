import type { TextSettings } from './settings.ts'
import { ENGLISH_STOP_WORDS } from './stop-words.ts'
import { tokenise } from './tokenise.ts'
import { doubled, NgramTrie, ROOT, UNKNOWN } from './trie.ts'

const NO_STOP_WORDS: ReadonlySet<string> = new Set()

/**
 * Counts the n-grams of one text after another. What it hands out is overwritten by the next text: a counter serves one
 * loop, and in exchange makes no garbage but the words themselves.
 */
export class NgramCounter {
  readonly trie = new NgramTrie()
  /** Whether any text had a word, stop words included. */
  sawWords = false
  readonly #settings: TextSettings
  readonly #stopWords: ReadonlySet<string>
  #words = new Int32Array(256)
  #nodes = new Int32Array(256)
  #counts = new Int32Array(1024)

  constructor(settings: TextSettings) {
    this.#settings = settings
    this.#stopWords = settings.stopWords === 'english' ? ENGLISH_STOP_WORDS : NO_STOP_WORDS
  }

  /**
   * The nodes of the text's n-grams, each once, in the order of the text. With `learn` new n-grams are added to the
   * trie, else they are passed over.
   */
  read(text: string, learn: boolean): Int32Array {
    const [fewest, most] = this.#settings.ngramRange
    const words = this.#wordIds(text, learn)
    let found = 0
    for (let start = 0; start < words.length; start++) {
      const end = Math.min(start + most, words.length)
      let node = ROOT
      for (let i = start; i < end; i++) {
        const word = words[i]!
        if (word === UNKNOWN) break
        node = learn ? this.trie.add(node, word) : this.trie.find(node, word)
        if (node === ROOT) break
        if (i - start + 1 < fewest) continue
        while (node >= this.#counts.length) this.#counts = doubled(this.#counts)
        if (this.#counts[node]!++ !== 0) continue
        if (found === this.#nodes.length) this.#nodes = doubled(this.#nodes)
        this.#nodes[found++] = node
      }
    }
    return this.#nodes.subarray(0, found)
  }

  /** How often the text last read holds the node's n-gram. Taking it clears it, and every node must be taken. */
  take(node: number): number {
    const count = this.#counts[node]!
    this.#counts[node] = 0
    return count
  }

  #wordIds(text: string, learn: boolean): Int32Array {
    let size = 0
    const words = tokenise(text, this.#settings.lowercase)
    if (words.length > 0) this.sawWords = true
    for (const word of words) {
      if (this.#stopWords.has(word)) continue
      if (size === this.#words.length) this.#words = doubled(this.#words)
      this.#words[size++] = learn ? this.trie.addWord(word) : this.trie.wordId(word)
    }
    return this.#words.subarray(0, size)
  }
}
