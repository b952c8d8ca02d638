import { stripVTControlCharacters } from 'node:util'
import { styled } from './output.ts'

/** Rows under dim headings, columns as wide as their widest cell; cells that are numbers stand to the right. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, i) =>
    Math.max(heading.length, ...rows.map(row => width(row[i] ?? ''))),
  )
  const numeric = headings.map(
    (_, i) => rows.length > 0 && rows.every(row => /^[-+]?[.\d,]*$/.test(plain(row[i] ?? ''))),
  )
  const line = (cells: readonly string[]) => {
    return cells
      .map((cell, i) => pad(cell, widths[i] ?? 0, numeric[i] ?? false))
      .join('  ')
      .trimEnd()
  }
  return [styled('dim', line(headings)), ...rows.map(line)].join('\n')
}

function pad(cell: string, to: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, to - width(cell)))
  return right ? space + cell : cell + space
}

function width(cell: string): number {
  return plain(cell).length
}

const plain = stripVTControlCharacters
