import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FitCurve } from '../../core/learn/index.ts'
import { type Chart, type Line, lineChart, matrixChart, standalone } from '../../core/report/charts.ts'
import { formatShare } from '../../core/report/numbers.ts'
import { writeFolderAtomic } from '../../core/storage/atomic.ts'
import type { ClassCurve, Evaluation } from './metrics.ts'
import { confusedRows, MATRIX_CLASSES } from './report.ts'
import { fitName, formatLoss } from './training.ts'

/** The charts of an evaluation, by name. No matrix of more classes than a person looks at. */
export interface Figures {
  readonly confusion: Chart | undefined
  readonly roc: Chart
  readonly 'precision-recall': Chart
  readonly reliability: Chart
  /** How the fit went, a chart of what each learner told; their names count the learners. */
  readonly training: readonly TrainingFigure[]
}

interface TrainingFigure {
  readonly name: string
  readonly title: string
  readonly chart: Chart
}

export function drawFigures(
  evaluation: Evaluation,
  labels: readonly string[],
  curves: readonly FitCurve[],
): Figures {
  const { confusion } = evaluation
  const description = confusionSentence(labels, confusion)
  return {
    confusion: labels.length > MATRIX_CLASSES ? undefined : matrixChart(labels, confusion, { description }),
    roc: rocChart(evaluation),
    'precision-recall': precisionRecallChart(evaluation),
    reliability: reliabilityChart(evaluation),
    training: trainingFigures(curves),
  }
}

/** A folder with each chart as an SVG file of its name. */
export function writeFigures(folder: string, { training, ...figures }: Figures): Promise<void> {
  const fits = Object.fromEntries(training.map(({ name, chart }) => [name, chart]))
  return writeFolderAtomic(folder, async tmp => {
    for (const [name, chart] of Object.entries<Chart | undefined>({ ...figures, ...fits })) {
      if (chart !== undefined) await writeFile(join(tmp, `${name}.svg`), standalone(chart))
    }
  })
}

function rocChart({ classCurves, metrics }: Evaluation): Chart {
  const lines = classCurves.map(({ name, points }): Line => {
    const shown = points.map(point => [point.falsePositiveRate, point.recall] as const)
    return { name, points: [[0, 0], ...shown] }
  })
  return lineChart([...lines, diagonal('chance')], {
    x: { name: 'false positive rate', min: 0, max: 1 },
    y: { name: 'recall', min: 0, max: 1 },
    description: `Areas under the ROC curves: ${eachOf(classCurves, name => metrics.classes[name]!.rocAuc)}`,
  })
}

function precisionRecallChart({ classCurves, metrics }: Evaluation): Chart {
  const lines = classCurves.map(({ name, points }): Line => {
    return { name, points: points.map(({ recall, precision }) => [recall, precision] as const) }
  })
  return lineChart(lines, {
    x: { name: 'recall', min: 0, max: 1 },
    y: { name: 'precision', min: 0, max: 1 },
    description: `Average precision: ${eachOf(classCurves, name => metrics.classes[name]!.averagePrecision)}`,
  })
}

/** `Sports .98, World .95` */
function eachOf(curves: readonly ClassCurve[], figure: (name: string) => number | undefined): string {
  const figures = curves.map(({ name }) => `${name} ${formatShare(figure(name)!)}`)
  return figures.join(', ') || 'none, since the test rows are of one class'
}

function reliabilityChart({ reliability, metrics }: Evaluation): Chart {
  const points = reliability.map(({ confidence, accuracy }) => [confidence, accuracy] as const)
  const description = `How often the predicted class is right by its probability; expected calibration error ${formatShare(metrics.calibrationError)}`
  return lineChart([{ name: 'the model', points }, diagonal('calibrated')], {
    x: { name: 'probability of the predicted class', min: 0, max: 1 },
    y: { name: 'accuracy', min: 0, max: 1 },
    description,
  })
}

/** What a fit tells, each a chart. */
const TOLD: readonly {
  readonly name: string
  readonly title: string
  readonly axis: string
  readonly valuesOf: (curve: FitCurve) => readonly number[] | undefined
}[] = [
  { name: 'training-loss', title: 'Loss', axis: 'loss', valuesOf: ({ loss }) => loss },
  {
    name: 'training-accuracy',
    title: 'Accuracy on rows kept out of the fit',
    axis: 'accuracy',
    valuesOf: ({ heldOutAccuracy }) => heldOutAccuracy,
  },
]

/** The folds of a learner are drawn together: they lower the same objective. */
function trainingFigures(curves: readonly FitCurve[]): TrainingFigure[] {
  const learners = [...Map.groupBy(curves, ({ learner }) => learner)]
  return learners.flatMap(([learner, fits], i) =>
    TOLD.flatMap(({ name, title, axis, valuesOf }) => {
      // A point alone is no curve; the table has it.
      const drawn = fits.filter(curve => (valuesOf(curve) ?? []).length > 1)
      if (drawn.length === 0) return []
      const chart = trainingChart(drawn, axis, curve => valuesOf(curve)!)
      if (learners.length === 1) return [{ name, title, chart }]
      return [{ name: `${name}-${i + 1}`, title: `${title}, ${learner}`, chart }]
    }),
  )
}

function trainingChart(
  fits: readonly FitCurve[],
  axis: string,
  valuesOf: (curve: FitCurve) => readonly number[],
): Chart {
  const lines = fits.map((curve): Line => {
    const points = valuesOf(curve).map((value, i) => [curve.steps[i]!, value] as const)
    return { name: curve.fold === undefined ? curve.learner : `fold ${curve.fold}`, points }
  })
  const [{ unit, steps }, values] = [fits[0]!, valuesOf(fits[0]!)]
  const after = (at: 0 | -1) => `${formatLoss(values.at(at)!)} after ${unit} ${steps.at(at)}`
  return lineChart(lines, {
    x: { name: unit, minInterval: 1 },
    y: { name: axis, scale: true, format: formatLoss },
    description: `Training ${axis} of ${fitName(fits[0]!)}: ${after(0)}, ${after(-1)}`,
  })
}

/** What the model is to be compared with. */
function diagonal(name: string): Line {
  return {
    name,
    points: [
      [0, 0],
      [1, 1],
    ],
    dashed: true,
  }
}

function confusionSentence(labels: readonly string[], confusion: Evaluation['confusion']): string {
  const [worst] = confusedRows(labels, confusion)
  if (worst === undefined) return 'Confusion matrix; no row has a wrong class'
  return `Confusion matrix; most often ${worst[0]} is taken for ${worst[1]}, ${worst[2]} times`
}
