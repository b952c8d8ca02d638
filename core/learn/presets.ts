/**
 * The settings of the models that the seeds describe, each under the seed it comes from, with scikit-learn's names and
 * meanings. What a seed leaves open has the learner's default. Seed 001 names logistic regression without a number; seed 003
 * tunes a kernel SVM and a network and says no values; seed 000 has no model of these kinds.
 */
export const PRESETS = {
  'seed-001': {
    'logistic-regression': {},
  },
  // configs/model_config.yaml
  'seed-002': {
    'logistic-regression': { penalty: 'l2', c: 1, maxIter: 1000 },
    'naive-bayes': { alpha: 1 },
    mlp: {
      hiddenLayerSizes: [100, 50],
      activation: 'relu',
      alpha: 0.0001,
      batchSize: 200,
      learningRate: 'constant',
      learningRateInit: 0.001,
      maxIter: 200,
    },
    'random-forest': { nEstimators: 100, maxDepth: 10, minSamplesSplit: 2, minSamplesLeaf: 1 },
  },
} as const
