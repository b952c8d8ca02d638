import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deserialize } from 'node:v8'
import { PressroomError } from '../core/errors.ts'
import {
  type FittedModel,
  likeliest,
  openClassifier,
  type SparseMatrix,
  selectRows,
} from '../core/learn/index.ts'
import { featureFeeds } from '../core/model/graph/feature-feeds.ts'
import { featuresGraph } from '../core/model/onnx/features-graph.ts'
import { loadOnnxRuntime } from '../core/model/onnx-runtime.ts'
import { tempFolder } from '../test/support/temp.ts'
import type { Fitted } from './engines/fit-once.ts'
import { type Row, summarise } from './figures.ts'
import { findCorpus } from './learning/setup.ts'
import { inTurns, timeProcess } from './measure.ts'

const ROUNDS = 25
/** Texts of a request: one, what a piece of an evaluation has, and the most that a request may have. */
const BATCHES = [1, 32, 256]
/** Rows asked a round. */
const ROWS = 2048

/**
 * What a forest and a network cost to ask, by our own code and by ONNX Runtime on the model's export, one thread each: from the
 * matrix on, which a text becomes first either way. Then by how much they differ.
 */
export async function* cases(): AsyncGenerator<Row> {
  const corpus = findCorpus()
  if (corpus === undefined) throw new PressroomError('file-not-found', 'AG News is not beside this checkout')
  await using folder = await tempFolder()
  const out = join(folder.path, 'fitted')
  await timeProcess({ args: [join(import.meta.dirname, 'engines/fit-once.ts'), corpus, String(ROWS), out] })
  const { models, matrix } = deserialize(await readFile(out)) as Fitted
  for (const [name, model] of Object.entries(models)) yield* beside(name, model, matrix)
}

async function* beside(name: string, model: FittedModel, matrix: SparseMatrix): AsyncGenerator<Row> {
  const runtime = await loadOnnxRuntime()
  const onnx = featuresGraph(model, ['1', '2', '3', '4'])
  const session = await runtime.InferenceSession.create(onnx, { intraOpNumThreads: 1 })
  const classifier = openClassifier(model)
  const ask = async (from: number, rows: number) => {
    const answer = await session.run(featureFeeds(runtime, matrix, rowsFrom(from, rows)))
    return answer.probabilities!.data as Float32Array
  }
  for (const batch of BATCHES) {
    const each = async (work: (from: number) => unknown) => {
      const begun = performance.now()
      for (let from = 0; from + batch <= ROWS; from += batch) await work(from)
      return ((performance.now() - begun) * 1000) / ROWS
    }
    const pieces = Array.from({ length: ROWS / batch }, (_, i) =>
      selectRows(matrix, rowsFrom(i * batch, batch)),
    )
    const { ours, peer } = await inTurns(
      ROUNDS,
      () => each(from => classifier.probabilities(pieces[from / batch]!)),
      () => each(from => ask(from, batch)),
    )
    yield summarise({ case: `${name}, ${batch} a request`, unit: 'µs/row', ours, peer })
  }
  const own = classifier.probabilities(matrix)
  const theirs = await ask(0, ROWS)
  const largest = own.reduce((most, share, i) => Math.max(most, Math.abs(share - theirs[i]!)), 0)
  yield summarise({ case: `${name}: largest difference`, unit: '', ours: [largest], goal: { atMost: 1e-5 } })
  const [labels, others] = [own, Float64Array.from(theirs)].map(all => likeliest(all, model.classes))
  const differing = labels!.filter((label, i) => label !== others![i]).length
  yield summarise({ case: `${name}: labels differing`, unit: 'rows', ours: [differing], goal: { atMost: 0 } })
  await session.release()
}

const rowsFrom = (from: number, rows: number) => Array.from({ length: rows }, (_, i) => from + i)
