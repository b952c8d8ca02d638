// The package brings no types.

/** The place of each word of WordNet 3.0 in the table of senses. */
declare module 'wink-lexicon/src/wn-words.js' {
  const words: Readonly<Record<string, number>>
  export default words
}
/** The numbers of the lexicographer files (lexnames(5WN)) that a word has senses in. */
declare module 'wink-lexicon/src/wn-word-senses.js' {
  const senses: readonly (readonly number[])[]
  export default senses
}
/** Base forms of irregular plurals. */
declare module 'wink-lexicon/src/wn-noun-exceptions.js' {
  const exceptions: Readonly<Record<string, string>>
  export default exceptions
}
/** Base forms of irregular verbs. */
declare module 'wink-lexicon/src/wn-verb-exceptions.js' {
  const exceptions: Readonly<Record<string, string>>
  export default exceptions
}
