import { artifact, choice, defineStage, integer, list, number, text } from '../definition/index.ts'

export const inputs = {
  source: text({
    help: 'A CSV, TSV, JSONL or Parquet file with a text and a label in each row; gs:// and s3:// addresses too.',
    examples: ['news.csv'],
  }),
  format: choice(['auto', 'csv', 'tsv', 'jsonl', 'parquet'], {
    default: 'auto',
    help: 'How the file is written; auto goes by its name, then by how it begins.',
  }),
  textColumn: text({ optional: true, help: 'Column that holds the text; detected when left out.' }),
  labelColumn: text({ optional: true, help: 'Column that holds the label; detected when left out.' }),
  keepColumns: list({
    optional: true,
    of: 'string',
    help: 'Other columns to keep: features beside the text, or slices to judge by. With them a file needs no text.',
    examples: [['source', 'country']],
  }),
  labelNames: list({
    optional: true,
    help: 'Names of numbered labels in the order of their numbers.',
    examples: [['World', 'Sports', 'Business', 'Sci/Tech']],
  }),
  badRows: choice(['fail', 'skip'], { default: 'fail', help: 'What happens when rows break the schema.' }),
  maxReported: integer({
    default: 20,
    min: 1,
    help: 'How many bad rows are named before the rest is only counted.',
  }),
  minTextLength: integer({
    default: 1,
    min: 1,
    help: 'Least length of a text in characters, spaces at its ends aside.',
  }),
  validationShare: number({
    default: 0.1,
    min: 0,
    max: 0.9,
    help: 'Share of the rows kept for validation.',
  }),
  testShare: number({ default: 0.2, min: 0, max: 0.9, help: 'Share of the rows kept for the final test.' }),
  seed: integer({ default: 7, min: 0, help: 'Seed of the stratified split.' }),
}

export const outputs = {
  train: artifact('dataset', 'Training rows, as JSONL with text and label.'),
  validation: artifact('dataset', 'Validation rows, as JSONL with text and label.'),
  test: artifact('dataset', 'Test rows, as JSONL with text and label.'),
  info: artifact('any', 'info.json: counts, class balance, text lengths and the content fingerprint.'),
  preview: artifact('markdown', 'A few rows of each class, and the class balance, to look at.'),
  rows: integer('Rows that were kept.'),
  classes: integer('Distinct labels.'),
}

export const ingest = defineStage({
  name: 'ingest',
  description:
    'Reads labelled rows, checks and cleans them, and splits them into train, validation and test.',
  inputs,
  outputs,
  resources: { cpu: '1', memory: '2Gi' },
  run: () => import('./run.ts'),
})
