import { artifact, boolean, choice, defineStage, integer, number } from '../definition/index.ts'

// The defaults of the text settings are those of scikit-learn's TfidfVectorizer as news teams commonly set it:
// ten thousand word 1-2-grams, sublinear, English stop words, max_df .95, min_df 2.
export const inputs = {
  train: artifact('dataset', 'Training rows, as JSONL with text and label.'),
  validation: artifact(
    'dataset',
    'Validation rows; sealing the model runs every one of them through its ONNX export.',
  ),
  maxFeatures: integer({ default: 10_000, min: 1, help: 'Most frequent n-grams kept as features.' }),
  ngramMin: integer({ default: 1, min: 1, max: 8, help: 'Fewest words in an n-gram.' }),
  ngramMax: integer({ default: 2, min: 1, max: 8, help: 'Most words in an n-gram.' }),
  stopWords: choice(['english', 'none'], {
    default: 'english',
    help: 'Words left out before n-grams are formed.',
  }),
  maxDf: number({
    default: 0.95,
    min: 0,
    max: 1,
    help: 'Drops n-grams found in more than this share of the rows.',
  }),
  minDf: integer({ default: 2, min: 1, help: 'Drops n-grams found in fewer rows than this.' }),
  sublinearTf: boolean({ default: true, help: 'Counts an n-gram as 1 + ln(occurrences).' }),
  c: number({
    default: 1,
    min: 1e-6,
    max: 1e6,
    help: 'Inverse of the L2 penalty: larger fits the training rows closer.',
  }),
  maxIterations: integer({ default: 1000, min: 1, help: 'Most iterations of the solver.' }),
}

export const outputs = {
  model: artifact('model', 'The sealed model folder.'),
  metrics: artifact('metrics', 'Loss, iterations, features and rows of the fit.'),
  features: integer('Features in the vocabulary.'),
}

export const train = defineStage({
  name: 'train',
  description: 'Fits a text classifier on TF-IDF features and seals it into a model folder.',
  inputs,
  outputs,
  resources: { cpu: '2', memory: '4Gi' },
  run: () => import('./run.ts'),
})
