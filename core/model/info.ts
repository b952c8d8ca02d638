import {
  aCount,
  aNumber,
  aShare,
  aString,
  aStringLike,
  type Decoder,
  listOf,
  maybe,
  objectOf,
  objectWith,
  oneOf,
  recordOf,
} from '../decode.ts'
import { PressroomError } from '../errors.ts'
import type { FitCurve } from '../learn/index.ts'
import { isWalkable } from '../object.ts'
import { type FeatureSettings, parseFeatureSettings } from '../text/index.ts'
import { FORMAT_1_FILES, FORMAT_1_LEARNER, settingsOfFormat1 } from './format-1.ts'
import type {
  ExportCheck,
  FittedInfo,
  GoldenExample,
  GraphInfo,
  LearnerRecord,
  ModelInfo,
  Rounding,
} from './types.ts'

/** The manifest's name; it is not listed in itself. */
export const INFO_FILE = 'pressroom.json'
/** What the features learnt, and the fitted model: plain data in the layout of container.ts. */
export const FEATURES_FILE = 'features.bin'
export const MODEL_FILE = 'model.bin'
/** As ONNX: over features, or what came from elsewhere, which then is the model; and over texts. */
export const ONNX_FILE = 'model.onnx'
export const TEXT_ONNX_FILE = 'text.onnx'
/** That over texts in the form that MLflow makes tables of. */
export const PYFUNC_FILE = 'pyfunc.onnx'
/** The files that every folder of format 2 has beside the manifest, and those that come with an export. */
const FILES = ['README.md', FEATURES_FILE, MODEL_FILE] as const
const GRAPH_ENGINE = 'onnx-text'
const EXPORT_FILES = ['MLmodel', ONNX_FILE] as const
/** Those of a graph from elsewhere. */
const GRAPH_FILES = ['README.md', ...EXPORT_FILES] as const
/** Folders that earlier releases sealed have none of these. */
const EXAMPLE_FILES = ['input_example.json', 'serving_input_example.json'] as const
const TEXT_FILES = [TEXT_ONNX_FILE, PYFUNC_FILE] as const
/** Six decimals tell two models apart and hide the last digits, in which machines differ. */
export const GOLDEN_DECIMALS = 6

const FORMAT_VERSION = 2
/** A gigabyte is a hundred times the largest text classifier we know of; ONNX itself ends at two. */
export const MAX_FILE_BYTES = 2 ** 30

/** An error about a folder that was a model once. `where` is one clause. */
export function damaged(folder: string, where: string, cause?: unknown): PressroomError {
  return new PressroomError('model-damaged', `the model in ${folder} is damaged`, {
    where,
    fix: 'get the folder again from where it was sealed or registered',
    cause,
  })
}

/** An error about a folder that is no model of ours, or of a later release. */
export function foreign(folder: string, where: string, fix = 'name a folder that train sealed') {
  return new PressroomError('model-foreign', `${folder} is not a model that this release can load`, {
    where,
    fix,
  })
}

const digest = aStringLike(/^sha256:[0-9a-f]{64}$/, 'a digest, sha256:<64 hex digits>')

const anExportCheck: Decoder<ExportCheck> = (value, at) => {
  const unchecked = typeof value === 'object' && value !== null && 'unchecked' in value
  const read: Decoder<ExportCheck> = unchecked
    ? objectOf({ unchecked: aString })
    : objectOf({
        engine: aString,
        version: aString,
        rows: aCount,
        largestDifference: aShare,
        labelsDiffering: aCount,
      })
  return read(value, at)
}

const aGoldenExample: Decoder<GoldenExample> = (value, at) => {
  const { columns, ...example } = objectOf({
    text: aString,
    columns: maybe(recordOf(aString)),
    label: aString,
    probabilities: listOf(aShare),
  })(value, at)
  return columns === undefined ? example : { ...example, columns }
}

const aCurve: Decoder<FitCurve> = (value, at) => {
  const curve = objectOf({
    learner: aString,
    fold: maybe(aCount),
    unit: oneOf('iteration', 'epoch'),
    steps: listOf(aCount),
    loss: listOf(aNumber),
    heldOutAccuracy: maybe(listOf(aShare)),
  })(value, at)
  const { steps, loss, heldOutAccuracy = loss } = curve
  if (steps.length === 0 || loss.length !== steps.length || heldOutAccuracy.length !== steps.length) {
    throw new Error(`${at} must have a number for each of its steps`)
  }
  return curve
}

const aRounding: Decoder<Rounding> = objectOf({
  precision: oneOf('float16', 'int8'),
  rows: aCount,
  labelsChanged: aCount,
  accuracy: maybe(aShare),
  accuracyBefore: maybe(aShare),
  bytes: aCount,
  bytesBefore: aCount,
})

/** What all have. */
const COMMON = {
  labels: listOf(aString),
  fingerprints: objectOf({ data: aString, code: aString }),
  metrics: recordOf(aNumber),
  golden: listOf(aGoldenExample),
  files: recordOf(objectOf({ bytes: aCount, digest })),
}
const FITTED = { ...COMMON, features: aCount, export: anExportCheck }

const aFormat1: Decoder<FittedInfo> = (value, at) => {
  const { text, ...info } = objectOf({
    formatVersion: oneOf(1),
    engine: oneOf('linear'),
    text: settingsOfFormat1,
    ...FITTED,
  })(value, at)
  return { ...info, settings: text, learner: FORMAT_1_LEARNER }
}

/** Complete settings, as they were fitted with. */
const someSettings: Decoder<FeatureSettings> = (value, at) => {
  try {
    return parseFeatureSettings(value)
  } catch (error) {
    const { where, message } = error as PressroomError
    throw new Error(`${at}: ${where?.split('\n')[0] ?? message}`)
  }
}

const aLearner: Decoder<LearnerRecord> = (value, at) => {
  objectWith({ kind: aString })(value, at)
  return value as LearnerRecord
}

const aFittedInfo: Decoder<FittedInfo> = objectOf({
  formatVersion: oneOf(2),
  engine: oneOf('linear', 'native'),
  settings: someSettings,
  learner: aLearner,
  // Folders sealed before there were these say nothing of them.
  textExport: maybe(anExportCheck),
  curves: maybe(listOf(aCurve)),
  rounding: maybe(aRounding),
  ...FITTED,
})

const aShape: Decoder<GraphInfo['graph']['input']['shape']> = (value, at) => {
  const shape = listOf(oneOf('N', 1))(value, at)
  if (shape.length === 1 || (shape.length === 2 && shape[1] === 1)) return shape
  throw new Error(`${at} must be ["N"] or ["N", 1]`)
}

const aGraphInfo: Decoder<GraphInfo> = objectOf({
  formatVersion: oneOf(2),
  engine: oneOf(GRAPH_ENGINE),
  learner: aLearner,
  graph: objectOf({
    input: objectOf({ name: aString, shape: aShape }),
    label: (value, at) => (value === null ? null : aString(value, at)),
    probabilities: aString,
    producer: aString,
    opsets: recordOf(aCount),
    digest,
  }),
  ...COMMON,
})

const aFormat2: Decoder<ModelInfo> = (value, at) => {
  const isGraph = (value as Record<string, unknown>).engine === GRAPH_ENGINE
  return (isGraph ? aGraphInfo : aFittedInfo)(value, at)
}

/** The text of pressroom.json. Equal infos give equal bytes. */
export function formatInfo(info: ModelInfo): string {
  return `${JSON.stringify(info, undefined, 2)}\n`
}

/**
 * Reads pressroom.json; `folder` is for messages only.
 * @throws PressroomError `model-foreign` when another program or a later release wrote it, else `model-damaged`.
 */
export function parseInfo(bytes: Uint8Array, folder: string): ModelInfo {
  const value = parseJson(bytes, folder)
  if (!isWalkable(value)) throw damaged(folder, `${INFO_FILE} is nested too deeply`)
  const { formatVersion, engine } = (value ?? {}) as Record<string, unknown>
  const engines = formatVersion === 1 ? ['linear'] : ['linear', 'native', GRAPH_ENGINE]
  if (!Number.isSafeInteger(formatVersion)) throw foreign(folder, `${INFO_FILE} has no formatVersion`)
  if ((formatVersion as number) > FORMAT_VERSION) {
    const where = `its format version is ${formatVersion}; this release reads ${FORMAT_VERSION}`
    throw foreign(folder, where, 'upgrade pressroom-ml')
  }
  if (typeof engine === 'string' && !engines.includes(engine)) {
    throw foreign(folder, `its engine is ${JSON.stringify(engine)}`, 'upgrade pressroom-ml')
  }
  try {
    return consistent((formatVersion === 1 ? aFormat1 : aFormat2)(value, INFO_FILE))
  } catch (error) {
    throw damaged(folder, (error as Error).message, error)
  }
}

function parseJson(bytes: Uint8Array, folder: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw damaged(folder, `${INFO_FILE} is not JSON in UTF-8`, error)
  }
}

/** What the shape alone cannot say. */
function consistent(info: ModelInfo): ModelInfo {
  const { labels, golden, files } = info
  if (labels.length < 2 || new Set(labels).size < labels.length) {
    throw new Error('labels must be two or more, each once')
  }
  for (const { label, probabilities } of golden) {
    if (!labels.includes(label) || probabilities.length !== labels.length) {
      throw new Error(`a golden example does not fit the labels`)
    }
  }
  const expected = filesOf(info)
  const unknown = Object.keys(files).find(name => !expected.includes(name))
  if (unknown !== undefined) {
    throw new Error(`${INFO_FILE} lists ${JSON.stringify(unknown)}, which is no file of such a model`)
  }
  const unlisted = expected.find(name => !Object.hasOwn(files, name))
  if (unlisted !== undefined) throw new Error(`${INFO_FILE} does not list ${unlisted}`)
  const large = Object.entries(files).find(([, { bytes }]) => bytes > MAX_FILE_BYTES)
  if (large !== undefined) {
    throw new Error(`${large[0]} would have ${large[1].bytes} bytes; ${MAX_FILE_BYTES} is the most`)
  }
  return info
}

/** The files beside the manifest: without an export there is neither model.onnx nor the MLmodel that names it. */
function filesOf({ formatVersion, engine, files }: ModelInfo): readonly string[] {
  if (engine === GRAPH_ENGINE) return GRAPH_FILES
  if (formatVersion === 1) return FORMAT_1_FILES
  const together = [EXPORT_FILES, EXAMPLE_FILES, TEXT_FILES].filter(names =>
    names.some(name => Object.hasOwn(files, name)),
  )
  return [...FILES, ...together.flat()]
}
