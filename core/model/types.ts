import type { FeatureRow, FeatureSettings } from '../text/index.ts'

/**
 * What answers: `linear`, scores that are sums over features, which can be explained; or `native`, any other model that this
 * release computes itself. Models brought from elsewhere will be `onnx-…`.
 */
type Engine = 'linear' | 'native'

/** How a model was fitted, as its settings said it: a kind with parameters, calibration or learners. */
export type LearnerRecord = { readonly kind: string } & Readonly<Record<string, unknown>>

/** What a model was made from and with; equal fingerprints mean equal models. */
export interface Fingerprints {
  /** Of the training rows, as core/data computes it. */
  readonly data: string
  /** Of the code that fitted it and its settings. */
  readonly code: string
}

/** A validation row and the answer it got when the folder was sealed. */
export interface GoldenExample {
  readonly text: string
  /** Those that the features look at; only where there are any. */
  readonly columns?: Readonly<Record<string, string>>
  /** The class that was predicted, right or wrong. */
  readonly label: string
  /** In the order of the labels, rounded to {@link GOLDEN_DECIMALS}. */
  readonly probabilities: readonly number[]
}

/** How the ONNX export answered the validation rows, beside our own prediction; or why nobody asked it. */
export type ExportCheck =
  | {
      readonly engine: string
      readonly version: string
      readonly rows: number
      /** Largest absolute difference of any probability, to two digits. */
      readonly largestDifference: number
      readonly labelsDiffering: number
    }
  | { readonly unchecked: string }

/** What weights of half precision or int8 cost beside those of single precision, on the validation rows. */
export interface Rounding {
  readonly precision: 'float16' | 'int8'
  readonly rows: number
  readonly labelsChanged: number
  /** Of the folder as it is, and as it would be in single precision; absent without validation rows. */
  readonly accuracy?: number | undefined
  readonly accuracyBefore?: number | undefined
  /** Of features.bin and model.bin, and what they would be in single precision. */
  readonly bytes: number
  readonly bytesBefore: number
}

/** A file of the folder: its exact size and `sha256:<hex>`. */
interface FileEntry {
  readonly bytes: number
  readonly digest: string
}

/**
 * What pressroom.json holds: docs/model-folder.md explains each field. A folder of format 1 is read as the same, with its text
 * settings as settings of a vectoriser.
 */
export interface ModelInfo {
  readonly formatVersion: 1 | 2
  readonly engine: Engine
  /** In the order of their code units, of an import in its own; class i is labels[i] everywhere. */
  readonly labels: readonly string[]
  readonly settings: FeatureSettings
  /** Columns of the matrix that the model answers. */
  readonly features: number
  readonly learner: LearnerRecord
  readonly fingerprints: Fingerprints
  readonly metrics: Readonly<Record<string, number>>
  /** Absent where nothing was rounded below single precision, and in folders sealed before it was measured. */
  readonly rounding?: Rounding | undefined
  readonly golden: readonly GoldenExample[]
  readonly export: ExportCheck
  /** Of text.onnx, which reads texts; absent in folders that were sealed before there was one. */
  readonly textExport?: ExportCheck | undefined
  /** Every other file of the folder, by name. */
  readonly files: Readonly<Record<string, FileEntry>>
}

export interface Prediction {
  /** The most probable class; the first of them when several are equally so. */
  readonly label: string
  /** In the order of the model's labels; they sum to 1. */
  readonly probabilities: Float64Array
}

/** What one feature of a row did to the answer. */
export interface Explanation {
  /**
   * As it stands in the vocabulary: words in lower case where the settings say so, one space between; with several vectorisers
   * after `vectoriser:`. A column's is its name or `column=value`; a hashed one's `hash 123`.
   */
  readonly ngram: string
  /**
   * For each class, in the order of the model's labels: by how much the feature raised that class's log-odds above the
   * mean of all classes. They sum to 0.
   */
  readonly contributions: Float64Array
}

/** A loaded model. The one way to ask it, for evaluation, validation and serving alike. */
export interface Model extends AsyncDisposable {
  readonly info: ModelInfo
  /**
   * One prediction a row, in order: a text, or a text with the columns that `info.settings.columns` names. A text without a
   * known word is answered too, from the intercepts alone.
   * @throws PressroomError `invalid-rows` for a cell that a column's settings do not allow
   */
  predict(rows: readonly FeatureRow[]): Promise<Prediction[]>
  /**
   * The `top` features that weighed most for or against the predicted class, heaviest first. Of engine `native` none: there a
   * feature's part depends on the others.
   */
  explain(row: FeatureRow, top: number): Promise<Explanation[]>
}
