/** The first line of a generated file, in a comment. */
export function banner(source: string, command: string): string {
  return `Generated from ${source} by ${command}. Do not edit.`
}
