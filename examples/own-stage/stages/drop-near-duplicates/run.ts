import { readFile, writeFile } from 'node:fs/promises'
import { PressroomError, type StageRun } from 'pressroom-ml/components'
import type { inputs, outputs } from './stage.ts'

const run: StageRun<typeof inputs, typeof outputs> = async ({ inputs, outputs, log, signal }) => {
  const lines = (await readFile(inputs.rows.path, 'utf8')).split('\n').filter(Boolean)
  const texts = lines.map((line, i) => textOf(line, i + 1))
  signal.throwIfAborted()
  const kept = distinctOf(texts, inputs.similarity)
  await writeFile(outputs.kept.path, kept.map(i => `${lines[i]}\n`).join(''))
  const dropped = lines.length - kept.length
  log.info(`${dropped} of ${lines.length} rows nearly repeat one before them`)
  return {
    parameters: { dropped },
    metadata: { kept: { rows: kept.length } },
    summary: `${kept.length} rows kept, ${dropped} dropped`,
  }
}

export default run

function textOf(line: string, number: number): string {
  const row: unknown = JSON.parse(line)
  if (typeof row === 'object' && row !== null && 'text' in row && typeof row.text === 'string')
    return row.text
  throw new PressroomError('invalid-rows', `row ${number} has no text`)
}

/** Indices of the texts that are unlike all kept before them, by the Jaccard similarity of their words. */
function distinctOf(texts: readonly string[], similarity: number): number[] {
  const kept: number[] = []
  const sizes = new Map<number, number>()
  const holders = new Map<string, number[]>()
  for (const [i, text] of texts.entries()) {
    const words = new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu))
    const shared = new Map<number, number>()
    for (const word of words) {
      for (const other of holders.get(word) ?? []) shared.set(other, (shared.get(other) ?? 0) + 1)
    }
    const repeats = [...shared].some(([other, both]) => {
      return both / (words.size + (sizes.get(other) ?? 0) - both) >= similarity
    })
    if (repeats) continue
    kept.push(i)
    sizes.set(i, words.size)
    for (const word of words) {
      const others = holders.get(word)
      if (others === undefined) holders.set(word, [i])
      else others.push(i)
    }
  }
  return kept
}
