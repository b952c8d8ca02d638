import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Row } from '../data/index.ts'
import { judge } from '../judge/index.ts'
import type { LinearModel } from '../learn/index.ts'
import { writeFolderAtomic } from '../storage/atomic.ts'
import { digestBytes } from '../storage/digest.ts'
import { restoreTfidf, type TextFeatures } from '../text/tfidf.ts'
import { modelCard } from './card.ts'
import { checkLinearExport } from './check-export.ts'
import { formatInfo, GOLDEN_DECIMALS, INFO_FILE, type LINEAR_FILES } from './info.ts'
import { indexLabels } from './labels.ts'
import { linearPredictor } from './linear.ts'
import { mlmodelText } from './mlmodel.ts'
import type { Fingerprints, GoldenExample, ModelInfo, Prediction } from './types.ts'
import { encodeVocabulary } from './vocabulary.ts'
import { decodeWeights, encodeWeights } from './weights.ts'

/** Enough to see at a glance that a deployed copy is this model, few enough to keep in the manifest. */
const GOLDEN_EXAMPLES = 12
const LONGEST_GOLDEN_TEXT = 1000

/** A fitted linear model and what is to be known about it. */
interface Unsealed {
  readonly features: TextFeatures
  readonly model: LinearModel
  /** One name a class, in the order of the model's classes. */
  readonly labels: readonly string[]
  readonly validation: readonly Row[]
  /** Numbers of the fit; sealing adds `validationAccuracy` and `validationMacroF1` when there are validation rows. */
  readonly metrics: Readonly<Record<string, number>>
  readonly fingerprints: Fingerprints
}

interface SealReport {
  readonly info: ModelInfo
  /** The digest of the folder, as digestModel gives it. */
  readonly digest: string
}

/**
 * Writes a model folder, whole or not at all, after its ONNX export has answered every validation row as the model itself
 * does. Nothing in it depends on when or where it is made: sealing the same model again gives the same bytes.
 * @throws PressroomError `prediction-failed` when the export or the weights are wrong, `invalid-rows` when a validation row has a label
 * that the model lacks, `not-writable`.
 */
export async function sealModel(folder: string, unsealed: Unsealed): Promise<SealReport> {
  const { labels, validation, fingerprints } = unsealed
  const weights = encodeWeights({ idf: unsealed.features.idf, model: unsealed.model })
  // Everything from here on is asked of the numbers as the file has them, so that what is checked is what is loaded.
  const { idf, model } = decodeWeights(weights)
  const { settings, vocabulary } = unsealed.features
  const features = restoreTfidf({ settings, vocabulary, idf })
  const texts = validation.map(row => row.text)
  const predictions = linearPredictor(features, model, labels).predict(texts)

  // Imported here because services load this room too, and never write a graph.
  const { linearGraph } = await import('./linear-graph.ts')
  const onnx = linearGraph(model, labels)
  const expected = Float64Array.from(predictions.flatMap(({ probabilities }) => [...probabilities]))
  const known = {
    formatVersion: 1,
    engine: 'linear',
    labels,
    text: settings,
    features: model.features,
    fingerprints,
    metrics: { ...unsealed.metrics, ...judgeValidation(validation, predictions, labels) },
    golden: chooseGolden(validation, predictions),
    export: await checkLinearExport(onnx, features.transform(texts), expected),
  } as const
  const contents: Record<(typeof LINEAR_FILES)[number], string | Uint8Array> = {
    MLmodel: mlmodelText(model.classes),
    'README.md': modelCard(known),
    'model.onnx': onnx,
    'vocabulary.txt': encodeVocabulary(vocabulary),
    'weights.bin': weights,
  }
  const files = Object.entries(contents).map(([name, content]) => {
    return [name, { bytes: Buffer.byteLength(content), digest: digestBytes(content) }]
  })
  const info: ModelInfo = { ...known, files: Object.fromEntries(files) }
  const manifest = formatInfo(info)
  await writeFolderAtomic(folder, async tmp => {
    for (const [name, content] of Object.entries({ ...contents, [INFO_FILE]: manifest })) {
      await writeFile(join(tmp, name), content)
    }
  })
  return { info, digest: digestBytes(manifest) }
}

function judgeValidation(
  rows: readonly Row[],
  predictions: readonly Prediction[],
  labels: readonly string[],
): Record<string, number> {
  if (rows.length === 0) return {}
  const predicted = Int32Array.from(predictions, ({ label }) => labels.indexOf(label))
  const { accuracy, macroF1 } = judge(indexLabels(rows, labels, 'validation'), predicted, labels)
  return { validationAccuracy: accuracy, validationMacroF1: macroF1 }
}

/** Rows at even distances, so that they come from all classes whether the rows are shuffled or sorted. */
function chooseGolden(rows: readonly Row[], predictions: readonly Prediction[]): GoldenExample[] {
  const short = rows.flatMap(({ text }, i) => (text.length <= LONGEST_GOLDEN_TEXT ? [i] : []))
  const count = Math.min(GOLDEN_EXAMPLES, short.length)
  return Array.from({ length: count }, (_, i) => {
    const chosen = short[Math.floor((i * short.length) / count)]!
    const { label, probabilities } = predictions[chosen]!
    return {
      text: rows[chosen]!.text,
      label,
      probabilities: Array.from(probabilities, value => Number(value.toFixed(GOLDEN_DECIMALS))),
    }
  })
}
