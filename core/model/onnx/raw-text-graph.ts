import type { FittedModel } from '../../learn/index.ts'
import { unpackStrings } from '../../text/bytes.ts'
import type { FeatureState, VectorizerSettings } from '../../text/index.ts'
import { stopWordsOf } from '../../text/lexicon.ts'
import { VERSION } from '../../version.ts'
import { GraphBuilder } from './builder.ts'
import { hasSteps } from './calibrated.ts'
import { type GraphOptions, putScores } from './features-graph.ts'
import { encodeOnnx } from './protobuf.ts'
import { denseRows } from './rows.ts'
import { scoresOf } from './scores.ts'
import { textRows } from './text-rows.ts'

/** What a graph cannot do to a text, by setting: the value that is wanted, and what the others would need. */
const WANTED: Partial<{ readonly [K in keyof VectorizerSettings]: VectorizerSettings[K] }> = {
  analyzer: 'word',
  tokenizer: 'default',
  decodeEntities: false,
  unicodeForm: 'none',
  removeUrls: false,
  removeMentions: false,
  stripAccents: 'none',
  removeNumbers: false,
  removePunctuation: false,
  minTextLength: 0,
  lemmas: 'none',
}

/**
 * A fitted model with its text settings as an ONNX graph (opset 20) that reads texts, where ONNX can express the settings: input
 * `text` string [N], at least one; outputs `label` string [N] and `probabilities` (or `decision`) float32 [N, C], as those of
 * featuresGraph. Nothing of the machine's locale plays a part.
 *
 * Its one operator beyond the standard is `Tokenizer` of ONNX Runtime's own domain com.microsoft, which every build of ONNX
 * Runtime has: the standard has none that takes a text apart other than at white space.
 *
 * The answers are those of the model to the rounding of single precision, for every text but these: a capital sigma (Σ)
 * beside a character that Unicode calls case-ignorable and that is no letter, such as an apostrophe or a full stop with a letter behind it, may be taken for
 * the other small sigma than it should; and what follows a NUL character is left out where a runtime ends strings there.
 *
 * Rows are spelt out inside: 4 bytes a text and feature.
 *
 * @returns the file, or a sentence that says why there is none
 */
export function rawTextGraph(
  features: FeatureState,
  model: FittedModel,
  labels: readonly string[],
  { weights = 'float32' }: GraphOptions = {},
): { readonly bytes: Uint8Array } | { readonly reason: string } {
  const reason = whyNot(features)
  if (reason !== undefined) return { reason }
  const [[name, settings]] = Object.entries(features.settings.text) as [[string, VectorizerSettings]]
  const { vocabulary, idf } = features.text[name]!
  const g = new GraphBuilder()
  const part = {
    settings,
    vocabulary: unpackStrings(vocabulary!),
    idf: settings.vectorizer === 'tfidf' ? idf : undefined,
    stopWords: stopWordsOf(settings.stopWords),
  }
  let rows = textRows(g, 'text', part)
  if (features.selected !== null)
    rows = g.op('Gather', [rows, g.ints(...features.selected)], { axis: { i: 1 } })
  const scores = scoresOf(g, denseRows(g, rows, { weights, exact: hasSteps(model) }), model)
  const { best, output } = putScores(g, scores, model.classes)
  const winner = g.op('ArgMax', [best], { axis: { i: 1 }, keepdims: { i: 0 } })
  g.put('Gather', [g.constant([labels.length], { type: 'string', data: labels }), winner], ['label'])
  const bytes = encodeOnnx({
    ...g.body(
      `pressroom-text-${model.kind}`,
      [{ name: 'text', type: 'string', shape: ['N'] }],
      [{ name: 'label', type: 'string', shape: ['N'] }, output],
    ),
    opsets: { '': 20, 'ai.onnx.ml': 3 },
    producer: { name: 'pressroom-ml', version: VERSION },
    metadata: { labels: JSON.stringify(labels) },
  })
  return { bytes }
}

function whyNot({ settings }: FeatureState): string | undefined {
  const columns = Object.keys(settings.columns)
  if (columns.length > 0) return `the model reads columns beside the text: ${columns.join(', ')}`
  const vectorizers = Object.values(settings.text)
  if (vectorizers.length !== 1)
    return `the text is read by ${vectorizers.length} vectorisers, and a graph has one`
  const [vectorizer] = vectorizers as [VectorizerSettings]
  if (vectorizer.vectorizer === 'hashing') return 'ONNX has no operator for the hash of an n-gram'
  for (const [name, wanted] of Object.entries(WANTED)) {
    const value = vectorizer[name as keyof VectorizerSettings]
    if (value !== wanted) return `ONNX has no operator for the setting ${name}: ${String(value)}`
  }
  return undefined
}
