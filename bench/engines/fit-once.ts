import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serialize } from 'node:v8'
import { readRows } from '../../core/data/index.ts'
import { type FittedModel, fitLearner, type SparseMatrix } from '../../core/learn/index.ts'
import { PRESETS } from '../../core/learn/presets.ts'
import { indexLabels } from '../../core/model/index.ts'
import { TRAINING_PRESETS } from '../../core/presets.ts'
import { fitFeatures } from '../../core/text/index.ts'

/** What the process leaves for the bench, as V8 writes objects. */
export interface Fitted {
  readonly models: Readonly<Record<'forest' | 'perceptron', FittedModel>>
  /** Test rows to ask. */
  readonly matrix: SparseMatrix
}

/** The shape of the network is the seed's; half-fitted weights cost as much to ask. */
const MLP_ITERATIONS = 4

/*
 * `node fit-once.ts AG_NEWS ROWS OUT` fits seed 002's forest and network: in a process of its own, since a service has fitted nothing either, and
 * code that a fit has used with other shapes is compiled otherwise.
 */
const [corpus, asked, out] = process.argv.slice(2)
const [train, test] = await Promise.all(
  ['train.csv', 'test.csv'].map(async name => (await readRows(join(corpus!, name))).rows),
)
const labels = [...new Set(train!.map(({ label }) => label))].sort()
const { features, matrix } = await fitFeatures(
  train!,
  train!.map(({ label }) => label),
  TRAINING_PRESETS['seed-002'].features,
)
const training = { matrix, labels: indexLabels(train!, labels, 'training'), classes: labels.length }
const { mlp, 'random-forest': forest } = PRESETS['seed-002']
const [one, two] = await Promise.all([
  fitLearner(training, { kind: 'random-forest', parameters: forest }),
  fitLearner(training, { kind: 'mlp', parameters: { ...mlp, maxIter: MLP_ITERATIONS } }),
])
const fitted: Fitted = {
  models: { forest: one.model, perceptron: two.model },
  matrix: features.transform(test!.slice(0, Number(asked))),
}
await writeFile(out!, serialize(fitted))
