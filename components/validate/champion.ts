import { readFile } from 'node:fs/promises'
import { aString, maybe, objectWith, recordOf } from '../../core/decode.ts'
import { PressroomError } from '../../core/errors.ts'
import { mcnemar } from '../../core/judge/index.ts'
import { loadModel } from '../../core/model/index.ts'
import type { Registry } from '../../core/registry/index.ts'
import { type Reference, resolveReference } from '../../core/registry/references.ts'
import { readFailure } from '../../core/storage/failures.ts'

/** How a model does beside the one that serves, on the same test rows. */
export interface Rivalry {
  /** The champion's version. */
  readonly version: string
  /** Shares of the test rows. */
  readonly accuracy: number
  readonly championAccuracy: number
  /** Of McNemar's test: how likely such a difference is between equally good models. */
  readonly p: number
}

/**
 * Asks the model that serves, by its alias or otherwise, for the rows of `predictions`, what evaluate wrote, and compares.
 * A row whose class the champion does not know counts as wrong for it.
 * @param warn is told of what is deprecated
 * @returns undefined when no version has the alias, or is in the stage, yet
 */
export async function compareWithChampion(
  registry: Registry,
  reference: Reference,
  predictions: string,
  { signal, warn }: { readonly signal: AbortSignal; readonly warn: (line: string) => void },
): Promise<Rivalry | undefined> {
  const version = await resolveReference(registry, reference, warn)
  if (version === undefined) return undefined
  const rows = await readPredictions(predictions)
  signal.throwIfAborted()
  await using champion = await loadModel(await registry.download(reference.name, version))
  const answers = await champion.predict(rows)
  // Classes as numbers: 0 is the true one, 1 any other, so that classes of either model alone need no number.
  const truth = new Int32Array(rows.length)
  const ours = Int32Array.from(rows, row => (row.predicted === row.label ? 0 : 1))
  const theirs = Int32Array.from(rows, (row, i) => (answers[i]!.label === row.label ? 0 : 1))
  const rightOf = (wrong: Int32Array) => 1 - wrong.reduce((a, b) => a + b, 0) / rows.length
  return {
    version,
    accuracy: rightOf(ours),
    championAccuracy: rightOf(theirs),
    p: mcnemar(truth, ours, theirs).p,
  }
}

const aRow = objectWith({
  text: aString,
  label: aString,
  predicted: aString,
  columns: maybe(recordOf(aString)),
})

const aPrediction = (value: unknown, at: string) => {
  const { columns = {}, ...row } = aRow(value, at)
  return { ...row, columns }
}

async function readPredictions(path: string) {
  const text = await readFile(path, 'utf8').catch(error => {
    throw readFailure(error, path)
  })
  const lines = text.split('\n').filter(line => line !== '')
  try {
    if (lines.length === 0) throw new Error('it is empty')
    return lines.map((line, i) => aPrediction(JSON.parse(line), `line ${i + 1}`))
  } catch (error) {
    throw new PressroomError('invalid-parameter', `${path} is not what evaluate writes as its predictions`, {
      where: (error as Error).message,
      fix: 'run evaluate again and give validate its predictions',
      cause: error,
    })
  }
}
