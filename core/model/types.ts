import type { FitCurve } from '../learn/index.ts'
import type { FeatureRow, FeatureSettings } from '../text/index.ts'

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

/** What every pressroom.json holds. */
interface SealedInfo {
  /** In the order of their code units, of an import in its own; class i is labels[i] everywhere. */
  readonly labels: readonly string[]
  readonly learner: LearnerRecord
  readonly fingerprints: Fingerprints
  readonly metrics: Readonly<Record<string, number>>
  /** How the fit went; absent where the learner tells no loss, of imports, and in folders sealed before curves were kept. */
  readonly curves?: readonly FitCurve[] | undefined
  readonly golden: readonly GoldenExample[]
  /** Every other file of the folder, by name. */
  readonly files: Readonly<Record<string, FileEntry>>
}

/**
 * A model that this release computes itself. A folder of format 1 is read as the same, with its text settings as settings of a
 * vectoriser.
 */
export interface FittedInfo extends SealedInfo {
  readonly formatVersion: 1 | 2
  /** `linear`: scores that are sums over features, which can be explained; `native`: any other. */
  readonly engine: 'linear' | 'native'
  readonly settings: FeatureSettings
  /** Columns of the matrix that the model answers. */
  readonly features: number
  /** Absent where nothing was rounded below single precision, and in folders sealed before it was measured. */
  readonly rounding?: Rounding | undefined
  readonly export: ExportCheck
  /** Of text.onnx, which reads texts; absent in folders that were sealed before there was one. */
  readonly textExport?: ExportCheck | undefined
}

/** How an ONNX graph that came from elsewhere is asked for texts. */
export interface GraphRecord {
  /** Its one input; `N` is as many texts as one likes. */
  readonly input: { readonly name: string; readonly shape: readonly ('N' | 1)[] }
  /** The output with the class, where there is one. */
  readonly label: string | null
  /** The output with a row's probabilities, in the order of the labels. */
  readonly probabilities: string
  /** What wrote the file, as it says: `skl2onnx 1.20.0`. */
  readonly producer: string
  /** Version of each domain's operators; the standard's own domain is `ai.onnx`. */
  readonly opsets: Readonly<Record<string, number>>
  /** Of the file as it was given. */
  readonly digest: string
}

/** A model from elsewhere that ONNX Runtime computes, from the text on. */
export interface GraphInfo extends SealedInfo {
  readonly formatVersion: 2
  readonly engine: 'onnx-text'
  readonly graph: GraphRecord
}

/** What pressroom.json holds: docs/model-folder.md explains each field. `engine` tells the two apart. */
export type ModelInfo = FittedInfo | GraphInfo

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

/** What computes an answer: our own code, or ONNX Runtime. */
export type Runtime = 'pressroom' | 'onnxruntime'

/** A loaded model. The one way to ask it, for evaluation, validation and serving alike. */
export interface Model extends AsyncDisposable {
  readonly info: ModelInfo
  readonly runtime: Runtime
  /**
   * One prediction a row, in order: a text, or a text with the columns that `info.settings.columns` names. A text without a
   * known word is answered too.
   * @throws PressroomError `invalid-rows` for a cell that a column's settings do not allow
   */
  predict(rows: readonly FeatureRow[]): Promise<Prediction[]>
  /**
   * The `top` features that weighed most for or against the predicted class, heaviest first. Of every engine but `linear` none:
   * there a feature's part depends on the others, or is not known.
   */
  explain(row: FeatureRow, top: number): Promise<Explanation[]>
}
