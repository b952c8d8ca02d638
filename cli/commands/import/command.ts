import { choice, list, text } from '../../../components/definition/index.ts'
import type { Command } from '../../command.ts'

export const importCommand: Command = {
  name: 'import',
  description: 'Makes a model folder of a classifier that scikit-learn fitted.',
  inputs: {
    from: choice(['sklearn'], { default: 'sklearn', help: 'Where the model comes from.' }),
    model: text({ help: 'A file of joblib or pickle, or what sklearn_export.py made of one.' }),
    out: text({ default: 'pressroom-out/import', help: 'Folder that gets the model, as out/model.' }),
    validation: text({
      optional: true,
      help: 'Labelled rows (CSV, TSV, JSONL or Parquet) that the model is asked, here and by scikit-learn.',
    }),
    labels: list({ default: [], help: "Names for the model's classes, in its order." }),
    python: text({ default: 'python3', help: 'The Python that has scikit-learn.' }),
  },
  positions: ['from', 'model'],
  notes: [
    'A file of joblib or pickle is code: loading it runs what is in it. Import only what you trust.',
    '',
    'Vectorisers (TF-IDF, counts, hashing; unions of them; chi-squared selection) and linear models, naive Bayes,',
    'networks, forests, soft votes and calibrations come in exactly; everything else is refused by name.',
  ].join('\n'),
  run: async () => (await import('./run.ts')).importModel,
}
