import type { TextSettings } from '../text/index.ts'

/** What can answer. Models brought from elsewhere will be `onnx-…`; so far there is one engine. */
type Engine = 'linear'

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

/** A file of the folder: its exact size and `sha256:<hex>`. */
interface FileEntry {
  readonly bytes: number
  readonly digest: string
}

/** What pressroom.json holds: docs/model-folder.md explains each field. */
export interface ModelInfo {
  readonly formatVersion: 1
  readonly engine: Engine
  /** In the order of their code units; class i is labels[i] everywhere. */
  readonly labels: readonly string[]
  readonly text: TextSettings
  /** Columns of the TF-IDF matrix: lines of vocabulary.txt. */
  readonly features: number
  readonly fingerprints: Fingerprints
  readonly metrics: Readonly<Record<string, number>>
  readonly golden: readonly GoldenExample[]
  readonly export: ExportCheck
  /** Every other file of the folder, by name. */
  readonly files: Readonly<Record<string, FileEntry>>
}

export interface Prediction {
  /** The most probable class; the first of them when several are equally so. */
  readonly label: string
  /** In the order of the model's labels; they sum to 1. */
  readonly probabilities: Float64Array
}

/** What one n-gram of a text did to the answer. */
export interface Explanation {
  /** As it stands in the vocabulary: words in lower case where the settings say so, one space between. */
  readonly ngram: string
  /**
   * For each class, in the order of the model's labels: by how much the n-gram raised that class's log-odds above the
   * mean of all classes. They sum to 0.
   */
  readonly contributions: Float64Array
}

/** A loaded model. The one way to ask it, for evaluation, validation and serving alike. */
export interface Model extends AsyncDisposable {
  readonly info: ModelInfo
  /** One prediction a text, in order. A text without a known word is answered too, from the intercepts alone. */
  predict(texts: readonly string[]): Promise<Prediction[]>
  /** The `top` n-grams that weighed most for or against the predicted class, heaviest first. */
  explain(text: string, top: number): Promise<Explanation[]>
}
