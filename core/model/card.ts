import { counted } from '../counted.ts'
import { own } from '../object.ts'
import { escapeMarkdown, markdownTable } from '../report/markdown.ts'
import { formatCount, formatShare } from '../report/numbers.ts'
import type { FeatureSettings } from '../text/index.ts'
import { VERSION } from '../version.ts'
import type { ExportCheck, FittedInfo, GraphInfo, LearnerRecord, ModelInfo, Rounding } from './types.ts'

/** Which ONNX files stand beside the card: model.onnx, text.onnx. */
interface Exports {
  readonly onnx: boolean
  readonly text: boolean
}

/** The model card: what a person should know before using the folder, in Markdown. */
export function modelCard(info: Omit<FittedInfo, 'files'>, has: Exports): string {
  const { features, learner } = info
  const slant = isCalibrated(learner) ? '' : ' Its probabilities have not been calibrated.'
  return cardOf(info, {
    made: `Fitted as ${describeLearner(learner)} over ${counted(features, 'feature')}, by pressroom-ml ${VERSION}. The features:

${featureLines(info.settings)}`,
    metrics: 'Metrics of the fit',
    limits: [
      'It sees words and their neighbours, not meaning, order or irony. Words that are new since the training are not seen at all.',
      `It repeats whatever slant the training rows have.${slant}`,
    ],
    rounding: info.rounding === undefined ? '' : `\nRounded: ${describeRounding(info.rounding)}.\n\n`,
    files: `${exportLine(info.export, has)}

${textExportLine(info.textExport, has.text)}`,
  })
}

/** The card of a graph that came from elsewhere. */
export function graphCard(info: Omit<GraphInfo, 'files'>): string {
  const { producer, opsets, digest, input } = info.graph
  const operators = Object.entries(opsets).map(([domain, version]) => `\`${domain}\` ${version}`)
  return cardOf(info, {
    made: `It is an ONNX graph that ${producer === '' ? 'an unnamed program' : escapeMarkdown(producer)} wrote and pressroom-ml ${VERSION} imported as it is
(operators: ${operators.join(', ')}; \`${digest}\`). What it was fitted on, and how, it does not say.`,
    metrics: 'Metrics of the import',
    limits: ['It repeats whatever slant the rows have that it was fitted on.'],
    files: `\`model.onnx\` takes texts (input \`${input.name}\`) and needs ONNX Runtime: \`npm install onnxruntime-node\`.
\`mlflow.pyfunc.load_model\` loads this folder as it is, with the same input.`,
  })
}

/** What one card has and another has not. */
interface Parts {
  readonly made: string
  /** The heading above the metrics. */
  readonly metrics: string
  /** What rounding cost, a paragraph; absent where nothing was rounded. */
  readonly rounding?: string
  readonly limits: readonly string[]
  readonly files: string
}

function cardOf(
  { labels, fingerprints, metrics }: Pick<ModelInfo, 'labels' | 'fingerprints' | 'metrics'>,
  parts: Parts,
): string {
  const metricRows = Object.entries(metrics).map(([name, value]) => [name, `${Number(value.toPrecision(6))}`])
  return `# Text classifier

Gives a short text one of ${labels.length} classes: ${labels.map(escapeMarkdown).join(', ')}.

${parts.made}

## Data and code

- training rows: \`${fingerprints.data}\`
- code and settings: \`${fingerprints.code}\`

## ${parts.metrics}

${markdownTable(['metric', 'value'], metricRows)}
${parts.rounding ?? ''}How it does on rows it has never influenced is what \`evaluate\` measures; that is not part of this folder.

## Intended use

Sorting texts like those it was trained on, in their language and length, where a wrong class can be seen and put right.

## Limits

- It always answers with one of its classes, also for a text that belongs to none of them. A text without a known word gets
  the same answer every time.
${parts.limits.map(line => `- ${line}`).join('\n')}

## Use

\`\`\`sh
npx pressroom register --name <name> --model <this folder>
\`\`\`

${parts.files}
`
}

function exportLine(check: ExportCheck, has: Exports): string {
  if ('unchecked' in check && !has.onnx) {
    return `There is no \`model.onnx\`: ${check.unchecked}. Pressroom itself answers.`
  }
  return `\`model.onnx\` is for other servers: ${foundOf(check)}. It takes features, not text; docs/model-folder.md of pressroom-ml
says how they are made from \`features.bin\`. \`mlflow.pyfunc.load_model\` loads this folder as it is, ${has.text ? 'and takes texts' : 'with the same inputs'}.`
}

function textExportLine(check: ExportCheck | undefined, exists: boolean): string {
  if (check === undefined) return ''
  if ('unchecked' in check && !exists) return `There is no \`text.onnx\`: ${check.unchecked}.`
  return `\`text.onnx\` takes the texts themselves, with operators of the ONNX standard alone: ${foundOf(check)}.`
}

function foundOf(check: ExportCheck): string {
  if ('unchecked' in check) return `nobody has checked it (${check.unchecked})`
  return `it was checked with ${check.engine} ${check.version} on ${formatCount(check.rows)} rows: no label differs, no probability by more than ${check.largestDifference}`
}

/** `nb-weighted linear-svm, calibrated`; of votes, all of them. */
export function describeLearner({ kind, calibration, learners, parameters }: LearnerRecord): string {
  if (Array.isArray(learners))
    return `${counted(learners.length, 'model')} together: ${learners.map(describeLearner).join('; ')}`
  const inner = (parameters as { model?: unknown } | undefined)?.model
  const name =
    typeof inner === 'string' ? `${kind} ${own(NAMES, inner) ?? inner}` : (own(NAMES, kind) ?? kind)
  return calibration === undefined ? name : `${name}, calibrated`
}

/** What smaller weights cost: `int8 weights: 3 of 1,881 labels changed, accuracy .9102 in place of .9107, 40,120 bytes in place of 160,304`. */
export function describeRounding(rounding: Rounding): string {
  const { precision, rows, labelsChanged, accuracy, accuracyBefore, bytes, bytesBefore } = rounding
  const size = `${formatCount(bytes)} bytes in place of ${formatCount(bytesBefore)}`
  if (accuracy === undefined || accuracyBefore === undefined) {
    return `${precision} weights: ${size}; without validation rows nobody knows the cost`
  }
  const share = (value: number) => formatShare(value, 4)
  return `${precision} weights: ${formatCount(labelsChanged)} of ${formatCount(rows)} labels changed, accuracy ${share(accuracy)} in place of ${share(accuracyBefore)}, ${size}`
}

const NAMES: Readonly<Record<string, string>> = {
  'logistic-regression': 'logistic regression',
  'linear-svm': 'linear SVM',
  'kernel-svm': 'kernel SVM',
  'naive-bayes': 'naive Bayes',
  'complement-naive-bayes': 'complement naive Bayes',
  mlp: 'multi-layer perceptron',
  'random-forest': 'random forest',
}

function isCalibrated({ calibration, learners }: LearnerRecord): boolean {
  return Array.isArray(learners) ? learners.every(isCalibrated) : calibration !== undefined
}

function featureLines({ text, columns, select }: FeatureSettings): string {
  const lines = Object.entries(text).map(([name, settings]) => {
    const { vectorizer, analyzer, stopWords } = settings
    const [min, max] = settings.ngramRange
    const unit =
      analyzer === 'word' ? 'words' : analyzer === 'char' ? 'characters' : 'characters within words'
    const list = typeof stopWords === 'string' ? stopWords : 'a list'
    return `${escapeMarkdown(name)}: ${vectorizer}, n-grams of ${min === max ? min : `${min} to ${max}`} ${unit}${
      stopWords === 'none' ? '' : `, stop words left out (${list})`
    }`
  })
  const named = Object.entries(columns).map(([name, { kind }]) => `column ${escapeMarkdown(name)}: ${kind}`)
  const chosen =
    select === null ? [] : [`of these the ${formatCount(select.k)} with the highest chi-squared statistic`]
  return [...lines, ...named, ...chosen].map(line => `- ${line}`).join('\n')
}
