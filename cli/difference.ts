import { styled } from './output.ts'

/** A unified diff in the terminal's colours. */
export function colouredDifference(changes: string): string {
  return changes
    .trimEnd()
    .split('\n')
    .map(line =>
      line.startsWith('-') ? styled('red', line) : line.startsWith('+') ? styled('green', line) : line,
    )
    .join('\n')
}
