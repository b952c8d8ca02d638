import { hasSteps } from '../../learn/calibration/slack.ts'
import type { FittedModel } from '../../learn/index.ts'
import { formatCount } from '../../report/numbers.ts'
import { unpackStrings } from '../../text/bytes.ts'
import { DEFAULTS } from '../../text/defaults.ts'
import type { FeatureState, VectorizerSettings } from '../../text/index.ts'
import { stopWordsOf } from '../../text/lexicon.ts'
import { VERSION } from '../../version.ts'
import { probabilityColumn } from '../labels.ts'
import { GraphBuilder } from './builder.ts'
import { type GraphOptions, putScores } from './features-graph.ts'
import { encodeOnnx, type OnnxValue } from './protobuf.ts'
import { type SparseNames, sparseRows } from './rows.ts'
import { scoresOf } from './scores.ts'
import { textRows } from './text-rows.ts'

/** What a graph cannot do to a text, by setting: the value that it can. */
const WANTED: Partial<{ readonly [K in keyof VectorizerSettings]: VectorizerSettings[K] }> = {
  analyzer: 'word',
  tokenizer: 'default',
  tokenPattern: DEFAULTS.tokenPattern,
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

interface TextGraphOptions extends GraphOptions {
  /**
   * `tensors`, the default, is what servers of ONNX are asked for. `columns` is what `mlflow.pyfunc` makes a table of: it gives a
   * graph a column as [N, 1], and takes from it only outputs of one dimension (mlflow/onnx/__init__.py, 3.17.2). So `text` is
   * [N, 1], and in place of `probabilities` each class has an output [N], by {@link probabilityColumn}.
   */
  readonly form?: 'tensors' | 'columns'
}

/** Counts are spelt out, 4 bytes a text and feature: more features would take a gigabyte for a few hundred texts. */
const MOST_FEATURES = 500_000

/**
 * A fitted model with its text settings as an ONNX graph (opset 20, ai.onnx.ml 3) that reads texts, where operators of the
 * standard can express the settings: input `text` string [N], at least one; outputs `label` string [N] and `probabilities` (or
 * `decision`) float32 [N, C], as those of featuresGraph. Nothing of the machine's locale plays a part.
 *
 * The answers are those of the model to the rounding of single precision. The one text they may differ for: a run of more than
 * 1,000 characters without white space or common punctuation in which something is to be lower-cased or cut that is not of
 * ASCII; of it the first 1,000 are read.
 *
 * Memory: 4 bytes a text and feature, and 32 a word times the most pieces that one word is cut into.
 *
 * @returns the file, or a clause that says why there is none
 */
export function rawTextGraph(
  features: FeatureState,
  model: FittedModel,
  labels: readonly string[],
  { weights = 'float32', form = 'tensors' }: TextGraphOptions = {},
): { readonly bytes: Uint8Array } | { readonly reason: string } {
  const reason = whyNot(features)
  if (reason !== undefined) return { reason }
  const g = new GraphBuilder()
  const input = form === 'columns' ? g.op('Reshape', ['text', g.ints(-1)]) : 'text'
  let first = 0
  const parts = Object.entries(features.settings.text).map(([name, settings]) => {
    const { vocabulary, idf } = features.text[name]!
    const { ids, values } = textRows(g, input, {
      settings,
      vocabulary: unpackStrings(vocabulary!),
      idf: settings.vectorizer === 'tfidf' ? idf : undefined,
      stopWords: stopWordsOf(settings.stopWords),
    })
    const own = first === 0 ? ids : g.op('Add', [ids, g.int(first)])
    first += vocabulary!.ends.length
    return { ids: own, values }
  })
  const rows = chosen(g, beside(g, parts), features.selected, first)
  const types = { weights, exact: hasSteps(model) }
  const scores = scoresOf(g, sparseRows(g, rows, model.features, types), model)
  const { best, output } = putScores(g, scores, model.classes)
  const winner = g.op('ArgMax', [best], { axis: { i: 1 }, keepdims: { i: 0 } })
  g.put('Gather', [g.constant([labels.length], { type: 'string', data: labels }), winner], ['label'])
  const outputs = form === 'columns' ? putColumns(g, output.name, labels) : [output]
  const bytes = encodeOnnx({
    ...g.body(
      `pressroom-text-${model.kind}`,
      [{ name: 'text', type: 'string', shape: form === 'columns' ? ['N', 1] : ['N'] }],
      [{ name: 'label', type: 'string', shape: ['N'] }, ...outputs],
    ),
    opsets: { '': 20, 'ai.onnx.ml': 3 },
    producer: { name: 'pressroom-ml', version: VERSION },
    metadata: { labels: JSON.stringify(labels) },
  })
  return { bytes }
}

/** The rows of several vectorisers as one. */
function beside(g: GraphBuilder, parts: readonly SparseNames[]): SparseNames {
  if (parts.length === 1) return parts[0]!
  const joined = (names: readonly string[]) => g.op('Concat', names, { axis: { i: 1 } })
  return { ids: joined(parts.map(({ ids }) => ids)), values: joined(parts.map(({ values }) => values)) }
}

/** The rows with only the columns that were selected, numbered anew; what stood in others is 0. */
function chosen(
  g: GraphBuilder,
  { ids, values }: SparseNames,
  selected: Int32Array | null,
  columns: number,
): SparseNames {
  if (selected === null) return { ids, values }
  const numbers = new Float64Array(columns)
  const kept = new Float64Array(columns)
  for (const [number, column] of selected.entries()) {
    numbers[column] = number
    kept[column] = 1
  }
  const renumbered = g.op('Gather', [g.constant([columns], { type: 'int64', data: numbers }), ids])
  return { ids: renumbered, values: g.op('Mul', [values, g.op('Gather', [g.floats([columns], kept), ids])]) }
}

/** An output for each column of `[N, C]`. */
function putColumns(g: GraphBuilder, all: string, labels: readonly string[]): OnnxValue[] {
  return labels.map((label, i): OnnxValue => {
    const name = probabilityColumn(label)
    // A scalar index takes its axis away.
    g.put('Gather', [all, g.constant([], { type: 'int64', data: [i] })], [name], { axis: { i: 1 } })
    return { name, type: 'float32', shape: ['N'] }
  })
}

function whyNot({ settings, text }: FeatureState): string | undefined {
  const [column] = Object.keys(settings.columns)
  if (column !== undefined) return `columns.${column}: a graph of texts is given no columns`
  for (const [name, vectorizer] of Object.entries(settings.text)) {
    if (vectorizer.vectorizer === 'hashing') {
      return `text.${name}.vectorizer is hashing, and ONNX has no operator for the hash of an n-gram`
    }
    for (const [setting, wanted] of Object.entries(WANTED)) {
      const value = vectorizer[setting as keyof VectorizerSettings]
      if (value === wanted) continue
      return `text.${name}.${setting} is ${String(value)}, and ONNX has no operator for that`
    }
  }
  const features = Object.values(text).reduce((sum, { vocabulary }) => sum + vocabulary!.ends.length, 0)
  if (features > MOST_FEATURES) {
    return `the graph spells out the counts of every feature, and ${formatCount(features)} features are more than ${formatCount(MOST_FEATURES)}; set maxFeatures`
  }
  return undefined
}
