/** An error with its causes, indented under the check that failed. */
export function showCause(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const cause =
    error instanceof Error && error.cause !== undefined ? `\ncaused by ${showCause(error.cause)}` : ''
  return `${text}${cause}`.replaceAll(/^/gm, '        ')
}
