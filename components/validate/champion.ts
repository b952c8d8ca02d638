import { jsonlEntries } from '../../core/data/jsonl.ts'
import { readLines } from '../../core/data/lines.ts'
import { aString, maybe, objectWith, recordOf } from '../../core/decode.ts'
import { PressroomError } from '../../core/errors.ts'
import { mcnemar } from '../../core/judge/index.ts'
import { loadModel, predictInPieces } from '../../core/model/index.ts'
import type { Registry } from '../../core/registry/index.ts'
import { type Reference, resolveReference } from '../../core/registry/references.ts'

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
  const rows = await readPredictions(predictions, signal)
  await using champion = await loadModel(await registry.download(reference.name, version))
  // Classes as numbers: 0 is the true one, 1 any other, so that classes of either model alone need no number.
  const truth = new Int32Array(rows.length)
  const ours = Int32Array.from(rows, row => (row.predicted === row.label ? 0 : 1))
  const theirs = new Int32Array(rows.length)
  let at = 0
  for await (const { label } of predictInPieces(champion, rows, signal)) {
    theirs[at] = label === rows[at]!.label ? 0 : 1
    at += 1
  }
  const rightOf = (wrong: Int32Array) => (rows.length - wrong.reduce((a, b) => a + b, 0)) / rows.length
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

/** Line by line: with 1,000 classes a row has 20 kB of probabilities, which are of no interest here. */
async function readPredictions(path: string, signal: AbortSignal) {
  const rows: ReturnType<typeof aPrediction>[] = []
  // The classes of a model decide how long a line is.
  for await (const entries of jsonlEntries(readLines(path, { signal, maxLineBytes: Infinity }))) {
    for (const entry of entries) {
      try {
        rows.push(aPrediction('values' in entry ? entry.values : undefined, `line ${entry.line}`))
      } catch (error) {
        throw notPredictions(path, (error as Error).message, error)
      }
    }
  }
  if (rows.length === 0) throw notPredictions(path, 'it is empty')
  return rows
}

function notPredictions(path: string, where: string, cause?: unknown): PressroomError {
  return new PressroomError('invalid-parameter', `${path} is not what evaluate writes as its predictions`, {
    where,
    fix: 'run evaluate again and give validate its predictions',
    cause,
  })
}
