import { isObject } from '../object.ts'
import type { Entry } from './entries.ts'
import type { Lines } from './lines.ts'

/** Records of JSONL text: one JSON object a line (jsonlines.org); empty lines are skipped. */
export async function* jsonlEntries(pieces: AsyncIterable<Lines>): AsyncGenerator<Entry> {
  for await (const piece of pieces) {
    let line = piece.line
    for (const text of piece.text.split('\n')) {
      if (text.trim() !== '') yield { line, ...parseObject(text) }
      line++
    }
  }
}

function parseObject(text: string): { values: Record<string, unknown> } | { problem: string } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problem: 'not valid JSON' }
  }
  if (isObject(value)) return { values: value }
  return { problem: 'not a JSON object' }
}
