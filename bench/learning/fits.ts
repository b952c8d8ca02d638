import {
  fitAlong,
  fitLinearSvm,
  fitLogisticRegression,
  fitNaiveBayes,
  fitNbWeighted,
  type Training,
} from '../../core/learn/index.ts'

/** Twenty-five values from 0.01 to 100, evenly apart on a logarithmic scale: the grid of a search over C. */
const CS = Array.from({ length: 25 }, (_, i) => 10 ** (-2 + i / 6))

/** A fit on both sides, with the settings of seed 002 where it has any; else each side's defaults. */
export interface BenchFit {
  readonly name: string
  readonly matrix: 'seed-002' | 'wide'
  readonly learner: string
  /** scikit-learn's keyword arguments. */
  readonly options: Readonly<Record<string, unknown>>
  /** @returns the loss where there is one */
  readonly run: (training: Training) => Promise<number | undefined>
  readonly rounds: number
  /** How many times faster it is to be. */
  readonly times?: number
}

export const FITS: readonly BenchFit[] = [
  {
    ...{
      name: 'logistic regression',
      matrix: 'seed-002',
      learner: 'logistic-regression',
      rounds: 9,
      times: 4,
    },
    options: { C: 1, max_iter: 1000 },
    run: async training => (await fitLogisticRegression(training)).loss,
  },
  {
    ...{ name: 'linear SVM', matrix: 'seed-002', learner: 'linear-svm', rounds: 9, times: 2.5 },
    options: {},
    run: async training => (await fitLinearSvm(training)).loss,
  },
  {
    ...{ name: 'naive Bayes', matrix: 'seed-002', learner: 'naive-bayes', rounds: 9, times: 1 },
    options: {},
    run: async training => void fitNaiveBayes(training),
  },
  {
    ...{ name: '25 logistic regressions along C', matrix: 'seed-002', learner: 'grid', rounds: 3 },
    options: { cs: CS },
    run: async training => {
      const fits = await fitAlong(CS, (c, control) => fitLogisticRegression(training, { c }, control))
      return fits.at(-1)!.loss
    },
  },
  {
    ...{ name: 'NB-weighted linear SVM', matrix: 'wide', learner: 'nb-weighted', rounds: 3 },
    options: {},
    run: async training => (await fitNbWeighted(training, { model: 'linear-svm' })).loss,
  },
]
