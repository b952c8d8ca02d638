import type { Row } from '../data/index.ts'
import { type FitCurve, type FittedModel, thinCurves } from '../learn/index.ts'
import type { FeatureState } from '../text/index.ts'
import { modelCard } from './card.ts'
import { weigherOf } from './contributions.ts'
import { type Export, exportModel } from './export.ts'
import { ONNX_FILE, PYFUNC_FILE, TEXT_ONNX_FILE } from './info.ts'
import { mlflowFiles, mlflowFilesOfTexts } from './mlmodel.ts'
import { encodeParts, openParts } from './parts.ts'
import type { Precision } from './precision.ts'
import { createPredictor } from './predictor.ts'
import { roundingOf } from './rounding.ts'
import type { ExportCheck, Fingerprints, FittedInfo, LearnerRecord, Prediction, Rounding } from './types.ts'
import { chooseGolden, judgeValidation } from './validation.ts'
import { type Sealed, writeModelFolder } from './write-folder.ts'

/** A fitted model and what is to be known about it. */
export interface Unsealed {
  readonly features: { readonly state: FeatureState }
  readonly model: FittedModel
  /** How it was fitted. */
  readonly learner: LearnerRecord
  /** One name a class, in the order of the model's classes. */
  readonly labels: readonly string[]
  readonly validation: readonly Row[]
  /** Numbers of the fit; sealing adds `validationAccuracy` and `validationMacroF1` when there are validation rows. */
  readonly metrics: Readonly<Record<string, number>>
  /** How the fit went; a few hundred points of them are sealed. */
  readonly curves?: readonly FitCurve[]
  readonly fingerprints: Fingerprints
  /** What weights are rounded to. Default `float32`. */
  readonly precision?: Precision
}

/** As many as a chart of 480 pixels shows; some 8 kB of the manifest. */
const CURVE_POINTS = 200

/**
 * Writes a model folder, whole or not at all, after its ONNX export, where there is one, has answered every validation row as the
 * model itself does. Nothing in it depends on when or where it is made: sealing the same model again gives the same bytes.
 * @throws PressroomError `prediction-failed` when the export or the weights are wrong, `not-calibrated` when the model has no
 * probabilities, `invalid-rows` when a validation row has a label that the model lacks, `not-writable`.
 */
export async function sealModel(folder: string, unsealed: Unsealed): Promise<Sealed<FittedInfo>> {
  const { labels, validation, fingerprints, learner } = unsealed
  const precision = unsealed.precision ?? 'float32'
  const { state } = unsealed.features
  const { settings } = state
  const parts = encodeParts(state, unsealed.model, precision)
  // Everything from here on is asked of the numbers as the files have them, so that what is checked is what is loaded.
  const { features, model } = await openParts(parts, settings)
  const rows = validation.map(row => withColumns(row, Object.keys(settings.columns)))
  const predictions = createPredictor(features, model, labels).predict(rows)
  const judgeThem = (answers: readonly Prediction[]) => judgeValidation(validation, answers, labels)
  const judged = judgeThem(predictions)
  const rounding =
    precision === 'float16' || precision === 'int8'
      ? await roundingOf(
          precision,
          { state, model: unsealed.model, labels },
          { parts, rows, predictions, accuracyOf: answers => judgeThem(answers).validationAccuracy },
        )
      : undefined

  const scores = new Float64Array(predictions.length * labels.length)
  predictions.forEach(({ probabilities }, row) => {
    scores.set(probabilities, row * labels.length)
  })
  const exported = await exportModel({
    ...{ features: features.state, model, labels, scores },
    texts: rows.map(({ text }) => text),
    matrix: features.transform(rows),
    weights: precision === 'float64' ? 'float32' : precision,
  })
  const golden = chooseGolden(rows, predictions)
  const curves = thinCurves(unsealed.curves ?? [], CURVE_POINTS)
  const known: Omit<FittedInfo, 'files'> = {
    formatVersion: 2,
    engine: weigherOf(model) === undefined ? 'native' : 'linear',
    labels,
    settings,
    features: model.features,
    learner,
    fingerprints,
    metrics: { ...unsealed.metrics, ...judged, ...metricsOf(rounding) },
    ...(curves.length > 0 && { curves }),
    ...(rounding && { rounding }),
    golden,
    export: checkOf(exported.onnx),
    textExport: checkOf(exported.text),
  }
  const { onnx, text } = exported
  return writeModelFolder<FittedInfo>(folder, known, {
    ...('onnx' in onnx && {
      [ONNX_FILE]: onnx.onnx,
      ...('onnx' in text
        ? mlflowFilesOfTexts(labels, golden[0]?.text ?? 'a text')
        : mlflowFiles(labels.length, features.transform([golden[0] ?? { text: '' }]))),
    }),
    ...('onnx' in text && { [TEXT_ONNX_FILE]: text.onnx, [PYFUNC_FILE]: text.pyfunc }),
    'README.md': modelCard(known, { onnx: 'onnx' in onnx, text: 'onnx' in text }),
    ...parts,
  })
}

/** What rounding cost, as numbers of the fit. */
function metricsOf(rounding: Rounding | undefined): Record<string, number> {
  if (rounding?.accuracyBefore === undefined) return {}
  return {
    unroundedValidationAccuracy: rounding.accuracyBefore,
    roundingLabelsChanged: rounding.labelsChanged,
  }
}

function checkOf(exported: Export): ExportCheck {
  return 'onnx' in exported ? exported.check : exported
}

/** The row with the columns that the features look at, and no others. */
function withColumns({ text, columns }: Row, names: readonly string[]) {
  if (names.length === 0) return { text }
  const kept = names.flatMap(name => (columns?.[name] === undefined ? [] : [[name, columns[name]]]))
  return { text, columns: Object.fromEntries(kept) as Readonly<Record<string, string>> }
}
