/** The package brings no types. */
declare module 'wink-lemmatizer' {
  const lemmatizer: {
    /** The base form of an English noun, or the word itself. */
    noun(word: string): string
    /** The base form of an English verb, or the word itself. */
    verb(word: string): string
  }
  export default lemmatizer
}
