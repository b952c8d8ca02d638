import { isObject } from '../object.ts'
import type { Entry } from './entries.ts'
import type { Lines } from './lines.ts'

/** Records of JSONL text, one JSON object a line (jsonlines.org), those of a piece together; empty lines are skipped. */
export async function* jsonlEntries(pieces: AsyncIterable<Lines>): AsyncGenerator<readonly Entry[]> {
  for await (const { line, bytes } of pieces) {
    const entries: Entry[] = []
    for (const [i, text] of bytes.toString('utf8').split('\n').entries()) {
      if (text.trim() !== '') entries.push({ line: line + i, ...parseObject(text) })
    }
    yield entries
  }
}

/** An escape of a surrogate, whole pairs among them. */
const SURROGATE = /\\u[dD][89a-fA-F]/

function parseObject(text: string): { values: Record<string, unknown> } | { problem: string } {
  let value: unknown
  try {
    value = JSON.parse(text, SURROGATE.test(text) ? wellFormed : undefined)
  } catch {
    return { problem: 'not valid JSON' }
  }
  if (isObject(value)) return { values: value }
  return { problem: 'not a JSON object' }
}

/**
 * JSON can escape half of a surrogate pair, as of an emoji that a program cut in two. It reads as U+FFFD, what every encoder makes of it
 * (Unicode 16, 3.9; WHATWG's USVString): files, other columns and servers could not hold it as UTF-8.
 */
function wellFormed(_: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value
}
