import { artifact, choice, defineStage, integer, list, optionalArtifact, text } from '../definition/index.ts'
import { MODEL_REFERENCE, registryInputs, stageInput } from '../registry-inputs.ts'
import { shardInput } from '../shard-input.ts'

export const inputs = {
  source: text({
    optional: true,
    help: 'A CSV, TSV, JSONL or Parquet file with a text in each row, gs:// and s3:// addresses too; or give data.',
    examples: ['news.csv'],
  }),
  data: optionalArtifact('dataset', 'Rows as ingest writes them, in place of a source.'),
  model: optionalArtifact('model', 'The sealed model folder; or give name.'),
  name: text({
    ...MODEL_REFERENCE,
    optional: true,
    help: 'A registered model, in place of a folder: its name, or as MLflow has it, models:/NAME@ALIAS for example.',
  }),
  version: text({
    optional: true,
    help: 'Its version; by default the one that the alias points at.',
    examples: ['3'],
  }),
  alias: text({ default: 'champion', help: 'The alias to ask when nothing else says which version.' }),
  stage: stageInput('The stage whose newest version to ask; deprecated in MLflow, an alias says the same.'),
  registry: registryInputs.registry,
  textColumn: text({ optional: true, help: 'Column that holds the text; detected when left out.' }),
  keepColumns: list({
    optional: true,
    of: 'string',
    help: 'Columns of the source to write beside the prediction.',
    examples: [['id', 'source']],
  }),
  badRows: choice(['fail', 'skip'], { default: 'fail', help: 'What happens to rows without a text.' }),
  shard: shardInput('Which part of the rows to score: 2/4 takes every fourth row from the second on.'),
  outputFormat: choice(['jsonl', 'parquet'], { default: 'jsonl', help: 'How the predictions are written.' }),
}

export const outputs = {
  predictions: artifact(
    'dataset',
    'Line, text, kept columns, predicted class, probabilities, model and version of each row.',
  ),
  rows: integer('Rows that were scored.'),
  skipped: integer('Rows of the shard that had no text.'),
}

export const predict = defineStage({
  name: 'predict',
  description: 'Scores texts in bulk, by a model folder or a registered model.',
  inputs,
  outputs,
  // Which version an alias points at changes without any of its inputs.
  effects: 'outside',
  resources: { cpu: '1', memory: '2Gi' },
  run: () => import('./run.ts'),
})
