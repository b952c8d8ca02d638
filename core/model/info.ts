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
import { type FeatureSettings, parseFeatureSettings } from '../text/index.ts'
import { FORMAT_1_FILES, FORMAT_1_LEARNER, settingsOfFormat1 } from './format-1.ts'
import type { ExportCheck, GoldenExample, LearnerRecord, ModelInfo, Rounding } from './types.ts'

/** The manifest's name; it is not listed in itself. */
export const INFO_FILE = 'pressroom.json'
/** What the features learnt, and the fitted model: plain data in the layout of container.ts. */
export const FEATURES_FILE = 'features.bin'
export const MODEL_FILE = 'model.bin'
/** The same model as ONNX: over features, and over texts. */
export const ONNX_FILE = 'model.onnx'
export const TEXT_ONNX_FILE = 'text.onnx'
/** The files that every folder of format 2 has beside the manifest, and those that come with an export. */
const FILES = ['README.md', FEATURES_FILE, MODEL_FILE] as const
const EXPORT_FILES = ['MLmodel', ONNX_FILE] as const
/** Six decimals tell two models apart and hide the last digits, in which machines differ. */
export const GOLDEN_DECIMALS = 6

const FORMAT_VERSION = 2
/** A gigabyte is a hundred times the largest text classifier we know of; ONNX itself ends at two. */
const MAX_FILE_BYTES = 2 ** 30

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

const aRounding: Decoder<Rounding> = objectOf({
  precision: oneOf('float16', 'int8'),
  rows: aCount,
  labelsChanged: aCount,
  accuracy: maybe(aShare),
  accuracyBefore: maybe(aShare),
  bytes: aCount,
  bytesBefore: aCount,
})

/** What both formats have. */
const COMMON = {
  labels: listOf(aString),
  features: aCount,
  fingerprints: objectOf({ data: aString, code: aString }),
  metrics: recordOf(aNumber),
  golden: listOf(aGoldenExample),
  export: anExportCheck,
  files: recordOf(objectOf({ bytes: aCount, digest })),
}

const aFormat1: Decoder<ModelInfo> = (value, at) => {
  const { text, ...info } = objectOf({
    formatVersion: oneOf(1),
    engine: oneOf('linear'),
    text: settingsOfFormat1,
    ...COMMON,
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

const aFormat2: Decoder<ModelInfo> = objectOf({
  formatVersion: oneOf(2),
  engine: oneOf('linear', 'native'),
  settings: someSettings,
  learner: aLearner,
  // Folders sealed before there were these say nothing of them.
  textExport: maybe(anExportCheck),
  rounding: maybe(aRounding),
  ...COMMON,
})

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
  const { formatVersion, engine } = (value ?? {}) as Record<string, unknown>
  const engines = formatVersion === 1 ? ['linear'] : ['linear', 'native']
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
function filesOf({ formatVersion, files }: ModelInfo): readonly string[] {
  if (formatVersion === 1) return FORMAT_1_FILES
  const hasExport = EXPORT_FILES.some(name => Object.hasOwn(files, name))
  const hasText = Object.hasOwn(files, TEXT_ONNX_FILE)
  return [...(hasExport ? EXPORT_FILES : []), ...FILES, ...(hasText ? [TEXT_ONNX_FILE] : [])]
}
