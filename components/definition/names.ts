/** `macro-f1` for macroF1: how flags, actions and environment variables spell an input. */
export function kebab(key: string): string {
  return key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}
