import { choice, list, text } from '../../../components/definition/index.ts'
import type { Command } from '../../command.ts'

export const importCommand: Command = {
  name: 'import',
  description: 'Makes a model folder of a classifier that scikit-learn fitted, or of an ONNX graph.',
  inputs: {
    from: choice(['sklearn', 'onnx'], { default: 'sklearn', help: 'Where the model comes from.' }),
    model: text({
      help: 'A file of joblib or pickle, or what sklearn_export.py made of one; or an .onnx file that takes texts.',
    }),
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
    '',
    'An ONNX graph comes in as it is and runs on ONNX Runtime (npm install onnxruntime-node): one string tensor in,',
    'probabilities out, and a label if it has one.',
  ].join('\n'),
  run: async () => (await import('./run.ts')).importModel,
}
