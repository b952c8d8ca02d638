import { escapeMarkdown, markdownTable } from '../report/markdown.ts'
import { formatCount } from '../report/numbers.ts'
import { VERSION } from '../version.ts'
import type { ModelInfo } from './types.ts'

/** The model card: what a person should know before using the folder, in Markdown. */
export function modelCard(info: Omit<ModelInfo, 'files'>): string {
  const { labels, text, features, fingerprints, metrics } = info
  const [min, max] = text.ngramRange
  const metricRows = Object.entries(metrics).map(([name, value]) => [name, `${Number(value.toPrecision(6))}`])
  return `# Text classifier

Gives a short text one of ${labels.length} classes: ${labels.map(escapeMarkdown).join(', ')}.

Multinomial logistic regression over ${formatCount(features)} TF-IDF features (${min === max ? `${min}` : `${min} to ${max}`}-word n-grams, ${
    text.stopWords === 'none' ? 'no stop words left out' : `${text.stopWords} stop words left out`
  }), made by pressroom-ml ${VERSION}.

## Data and code

- training rows: \`${fingerprints.data}\`
- code and settings: \`${fingerprints.code}\`

## Metrics of the fit

${markdownTable(['metric', 'value'], metricRows)}
How it does on rows it has never influenced is what \`evaluate\` measures; that is not part of this folder.

## Intended use

Sorting texts like those it was trained on, in their language and length, where a wrong class can be seen and put right.

## Limits

- It always answers with one of its classes, also for a text that belongs to none of them. A text without a known word gets
  the same answer every time.
- It sees words and their neighbours, not meaning, order or irony. Words that are new since the training are not seen at all.
- It repeats whatever slant the training rows have. Its probabilities have not been calibrated.

## Use

\`\`\`sh
npx pressroom register --name <name> --model <this folder>
\`\`\`

\`model.onnx\` is for other servers: ${exportLine(info)}. It takes features, not text; docs/model-folder.md of pressroom-ml
says how they are made from \`vocabulary.txt\` and \`weights.bin\`. \`mlflow.pyfunc.load_model\` loads this folder as it is, with the
same inputs.
`
}

function exportLine({ export: check }: Omit<ModelInfo, 'files'>): string {
  if ('unchecked' in check) return `nobody has checked it (${check.unchecked})`
  return `it was checked with ${check.engine} ${check.version} on ${formatCount(check.rows)} rows: no label differs, no probability by more than ${check.largestDifference}`
}
