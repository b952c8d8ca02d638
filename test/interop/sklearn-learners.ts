import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type FittedModel,
  fitLinearSvm,
  fitLogisticRegression,
  fitNaiveBayes,
  fitNbWeighted,
  type LinearModel,
  likeliest,
  openClassifier,
  type Training,
} from '../../core/learn/index.ts'
import { largestDifference } from '../support/sklearn.ts'
import { differences } from './differences.ts'
import { runScript } from './python.ts'
import { agNewsMissing, readTraining, startSklearn, writeAgNews } from './sklearn-fits.ts'
import type { Checks } from './suite.ts'

const GOLDENS = join(import.meta.dirname, '../goldens/sklearn')

interface Fit {
  readonly model: FittedModel & LinearModel
  readonly loss?: number
}

interface Comparison {
  readonly matrix: string
  readonly learner: string
  /** Of ours and theirs, tight enough that both give the optimum to four digits. */
  readonly fitTight: (training: Training) => Fit | Promise<Fit>
  readonly options: Readonly<Record<string, unknown>>
  /** As they come: there the loss may not be above theirs. */
  readonly plain?: (training: Training) => Promise<{ loss: number }>
  readonly plainOptions?: Readonly<Record<string, unknown>>
}

const SVM = { dual: true, tol: 1e-7, max_iter: 1_000_000 }
const COMPARISONS: readonly Comparison[] = [
  {
    ...{ matrix: 'seed-002', learner: 'logistic-regression', options: { tol: 1e-8, max_iter: 100_000 } },
    fitTight: training => fitLogisticRegression(training, { tol: 1e-9 }),
    ...{ plain: training => fitLogisticRegression(training), plainOptions: { max_iter: 1000 } },
  },
  {
    ...{ matrix: 'seed-002', learner: 'linear-svm', options: SVM },
    fitTight: training => fitLinearSvm(training, { tol: 1e-7 }),
    ...{ plain: training => fitLinearSvm(training), plainOptions: {} },
  },
  {
    ...{ matrix: 'seed-002', learner: 'naive-bayes', options: {} },
    fitTight: training => ({ model: fitNaiveBayes(training) }),
  },
  {
    ...{ matrix: 'wide', learner: 'nb-weighted', options: { ...SVM, tol: 1e-5 } },
    fitTight: training => fitNbWeighted(training, { model: 'linear-svm', parameters: { tol: 1e-5 } }),
  },
]

/** Our learners beside scikit-learn's, on the goldens' matrix and on all of AG News. */
export async function checkLearners(t: Checks, python: string, folder: string): Promise<void> {
  await t.check('the script makes the learners’ goldens again', async () => {
    await runScript(python, 'sklearn_learners.py', join(GOLDENS, 'rows.tsv'), folder)
    const [made, committed] = await Promise.all(
      [folder, GOLDENS].map(async at => JSON.parse(await readFile(join(at, 'learners.json'), 'utf8'))),
    )
    // Temperatures and sigmoids end where a solver stops, at a gradient of 1e-6.
    assert.deepEqual(differences(made, committed, 'learners', 1e-5), [])
  })

  const missing = agNewsMissing()
  if (missing !== undefined) return t.skip('learners on AG News', missing)
  await writeAgNews(python, folder)
  await using sklearn = startSklearn(python, folder)
  for (const { matrix, learner, fitTight, options, plain, plainOptions = {} } of COMPARISONS) {
    const training = readTraining(folder, matrix)
    await t.check(`${learner} on AG News: coefficients, and every test row’s class`, async () => {
      const out = join(folder, `${learner}.json`)
      await sklearn.fit({ matrix, learner, options, out })
      const theirs = JSON.parse(await readFile(out, 'utf8'))
      const { model } = await fitTight(training)
      const apart = largestDifference(model.coefficients, theirs.coefficients)
      assert.ok(apart < 1e-4, `coefficients are up to ${apart} apart`)
      assert.ok(largestDifference(model.intercepts, theirs.intercepts) < 1e-4)
      const decision = openClassifier(model).decision(readTraining(folder, `${matrix}-test`).matrix)
      assert.deepEqual([...likeliest(decision, 4)], theirs.predictions)
    })
    if (plain === undefined) continue
    await t.check(`${learner} on AG News: a loss not above theirs, both as they come`, async () => {
      const ours = await plain(training)
      const { loss } = await sklearn.fit({ matrix, learner, options: plainOptions })
      assert.ok(ours.loss <= loss!, `ours ${ours.loss}, theirs ${loss}`)
    })
  }
}
