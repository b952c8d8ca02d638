import { setImmediate } from 'node:timers/promises'
import { type Row, readDataset } from '../../core/data/index.ts'
import { thinned } from '../../core/judge/index.ts'
import { loadModel, type Model, type Prediction } from '../../core/model/index.ts'
import { formatCount } from '../../core/report/numbers.ts'
import { writeFileAtomic } from '../../core/storage/atomic.ts'
import type { StageRun } from '../definition/index.ts'
import { type Evaluation, measure, measureBaselines } from './metrics.ts'
import { evaluationReport, MATRIX_CLASSES, summarise } from './report.ts'
import type { inputs, outputs } from './stage.ts'

const ROWS_AT_ONCE = 1024
/** As many as a curve needs; Kubeflow keeps them with the artifact. */
const ROC_POINTS = 100

const run: StageRun<typeof inputs, typeof outputs> = async ({ inputs, outputs, log, signal }) => {
  await using model = await loadModel(inputs.model.path)
  const { labels, curves = [] } = model.info
  const test = await readDataset(inputs.test.path, signal)
  const train = inputs.train && (await readDataset(inputs.train.path, signal))
  log.info(`${formatCount(test.length)} test rows, ${labels.length} classes`)

  const predictions = await predictAll(model, test, signal)
  const measured = measure(test, predictions, labels, inputs)
  const baselines = train && (await measureBaselines(train, test, model.info, signal))
  const metrics = baselines ? { ...measured.metrics, baselines } : measured.metrics
  const evaluation = { ...measured, metrics }

  signal.throwIfAborted()
  const [{ evaluationPage }, { drawFigures, writeFigures }] = await Promise.all([
    import('./page.ts'),
    import('./figures.ts'),
  ])
  const figures = drawFigures(evaluation, labels, curves)
  const classification = classificationMetrics(evaluation, labels)
  await writeFileAtomic(outputs.metrics.path, `${JSON.stringify(metrics, undefined, 2)}\n`)
  await writeFileAtomic(outputs.confusion.path, `${JSON.stringify(classification, undefined, 2)}\n`)
  const report = evaluationReport(evaluation, labels, test, predictions, curves)
  const page = evaluationPage(evaluation, labels, test, predictions, curves, figures)
  await writeFileAtomic(outputs.report.path, report)
  await writeFileAtomic(outputs.page.path, page)
  await writeFigures(outputs.figures.path, figures)
  await writeFileAtomic(outputs.predictions.path, predictionLines(test, predictions, labels))
  const numbers = Object.entries(metrics).filter(([, value]) => typeof value === 'number')
  return {
    parameters: { accuracy: metrics.accuracy, macroF1: metrics.macroF1 },
    metadata: { metrics: Object.fromEntries(numbers), confusion: classification },
    summary: summarise(metrics),
  }
}

/**
 * What Kubeflow's page draws of system.ClassificationMetrics: the confusion matrix, unless it has more cells than a person
 * looks at, and one ROC curve, here the micro-average: every class against the rest, all in one ranking.
 */
function classificationMetrics({ confusion, pooled }: Evaluation, labels: readonly string[]) {
  return {
    ...(labels.length <= MATRIX_CLASSES && {
      confusionMatrix: {
        annotationSpecs: labels.map(displayName => ({ displayName })),
        rows: confusion.map(row => ({ row })),
      },
    }),
    confidenceMetrics: thinned(pooled.points, ROC_POINTS).map(({ threshold, recall, falsePositiveRate }) => ({
      confidenceThreshold: threshold,
      recall,
      falsePositiveRate,
    })),
  }
}

function* predictionLines(
  test: readonly Row[],
  predictions: readonly Prediction[],
  labels: readonly string[],
): Generator<string> {
  for (const [i, row] of test.entries()) {
    const { label, probabilities } = predictions[i]!
    const named = Object.fromEntries(labels.map((name, k) => [name, Number(probabilities[k]!.toFixed(6))]))
    yield `${JSON.stringify({ ...row, predicted: label, probabilities: named })}\n`
  }
}

/** Predicts in pieces, so that a cancel is heard between them. */
async function predictAll(model: Model, rows: readonly Row[], signal: AbortSignal): Promise<Prediction[]> {
  const predictions: Prediction[] = []
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    await setImmediate()
    signal.throwIfAborted()
    predictions.push(...(await model.predict(rows.slice(from, from + ROWS_AT_ONCE))))
  }
  return predictions
}

export default run
