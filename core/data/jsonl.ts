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
