import { artifact, boolean, choice, defineStage, integer, number, struct, text } from '../definition/index.ts'

// What is left out is what the preset says: docs/training.md.
export const inputs = {
  train: artifact('dataset', 'Training rows, as JSONL with text and label.'),
  validation: artifact(
    'dataset',
    'Validation rows; sealing the model asks it, and its ONNX export, for each.',
  ),
  preset: choice(['default', 'small', 'best', 'seed-002', 'custom'], {
    default: 'default',
    help: 'Features and learner to begin from; custom begins from what features and learner say.',
  }),
  maxFeatures: integer({ optional: true, min: 1, help: 'Most frequent n-grams of words kept as features.' }),
  ngramMin: integer({ optional: true, min: 1, max: 8, help: 'Fewest words in an n-gram.' }),
  ngramMax: integer({ optional: true, min: 1, max: 8, help: 'Most words in an n-gram.' }),
  stopWords: choice(['english', 'nltk', 'none'], {
    optional: true,
    help: 'Words left out before n-grams are formed.',
  }),
  maxDf: number({
    optional: true,
    min: 0,
    max: 1,
    help: 'Drops n-grams of words found in more than this share of the rows.',
  }),
  minDf: integer({ optional: true, min: 1, help: 'Drops n-grams of words found in fewer rows than this.' }),
  sublinearTf: boolean({ optional: true, help: 'Counts an n-gram of words as 1 + ln(occurrences).' }),
  c: number({
    optional: true,
    min: 1e-6,
    max: 1e6,
    help: 'Inverse of the L2 penalty: larger fits the training rows closer.',
  }),
  maxIterations: integer({ optional: true, min: 1, help: 'Most iterations of the solver.' }),
  features: struct({
    optional: true,
    help: "Features in place of the preset's: vectorisers of the text, named columns, chi-squared selection.",
    examples: [{ text: { words: { ngramRange: [1, 2] } }, columns: { source: { kind: 'categorical' } } }],
  }),
  learner: struct({
    optional: true,
    help: "A learner in place of the preset's: its kind, its parameters, its calibration; or several that vote.",
    examples: [{ kind: 'mlp', parameters: { hiddenLayerSizes: [100, 50] } }],
  }),
  weightColumn: text({
    optional: true,
    help: 'Column with what each row counts for in the fit, a number from 0 up, kept when the rows were ingested.',
  }),
  calibration: choice(['auto', 'none', 'sigmoid', 'isotonic', 'temperature'], {
    default: 'auto',
    help: 'How scores become probabilities; auto: a sigmoid where the learner has none of its own.',
  }),
  precision: choice(['int8', 'float16', 'float32', 'float64'], {
    optional: true,
    help: "What weights are rounded to in the model folder and its ONNX files; the preset's when left out.",
  }),
  seed: integer({ default: 0, min: 0, help: 'Seed of learners that draw at random.' }),
  checkpoint: text({
    optional: true,
    help: 'File that keeps how far a long fit is, every 10 s; after a stop the same command goes on from it.',
  }),
}

export const outputs = {
  model: artifact('model', 'The sealed model folder.'),
  metrics: artifact('metrics', 'Loss, iterations, features and rows of the fit.'),
  features: integer('Columns of the matrix that the learner saw.'),
}

export const train = defineStage({
  name: 'train',
  description: 'Fits a text classifier and seals it into a model folder.',
  inputs,
  outputs,
  resources: { cpu: '2', memory: '4Gi' },
  run: () => import('./run.ts'),
})
