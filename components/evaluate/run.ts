import { counted } from '../../core/counted.ts'
import { type Row, readDataset, requireRowColumns } from '../../core/data/index.ts'
import { likeliest } from '../../core/learn/index.ts'
import { loadModel, type Model, predictInPieces } from '../../core/model/index.ts'
import { writeFileAtomic } from '../../core/storage/atomic.ts'
import type { StageRun } from '../definition/index.ts'
import { modelColumns } from '../model-columns.ts'
import { measureBaselines } from './baselines.ts'
import { type Answers, type Evaluation, measure } from './metrics.ts'
import { absentNotes, evaluationReport, MATRIX_CLASSES, summarise } from './report.ts'
import type { inputs, outputs } from './stage.ts'

const run: StageRun<typeof inputs, typeof outputs> = async ({ inputs, outputs, log, signal }) => {
  await using model = await loadModel(inputs.model.path)
  const { labels, curves = [] } = model.info
  const test = await readDataset(inputs.test.path, signal)
  const train = inputs.train && (await readDataset(inputs.train.path, signal))
  // A categorical column that is nowhere would read as one value in every row.
  requireRowColumns(inputs.test.path, test, modelColumns(model.info))
  log.info(`${counted(test.length, 'test row')}, ${counted(labels.length, 'class', 'classes')}`)

  const answers = await askAll(model, test, signal)
  const measured = measure(test, answers, labels, inputs)
  const baselines = train && (await measureBaselines(train, test, model.info, signal))
  const metrics = baselines ? { ...measured.metrics, baselines } : measured.metrics
  const evaluation = { ...measured, metrics }
  for (const note of absentNotes(metrics)) log.warn(note)

  signal.throwIfAborted()
  const [{ evaluationPage }, { drawFigures, writeFigures }] = await Promise.all([
    import('./page.ts'),
    import('./figures.ts'),
  ])
  const figures = drawFigures(evaluation, labels, curves)
  const classification = classificationMetrics(evaluation, labels)
  await writeFileAtomic(outputs.metrics.path, `${JSON.stringify(metrics, undefined, 2)}\n`)
  await writeFileAtomic(outputs.confusion.path, `${JSON.stringify(classification, undefined, 2)}\n`)
  const report = evaluationReport(evaluation, labels, test, answers, curves)
  const page = evaluationPage(evaluation, labels, test, answers, curves, figures)
  await writeFileAtomic(outputs.report.path, report)
  await writeFileAtomic(outputs.page.path, page)
  await writeFigures(outputs.figures.path, figures)
  await writeFileAtomic(outputs.predictions.path, predictionLines(test, answers, labels))
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
    confidenceMetrics: pooled.map(({ threshold, recall, falsePositiveRate }) => ({
      confidenceThreshold: threshold,
      recall,
      falsePositiveRate,
    })),
  }
}

function* predictionLines(
  test: readonly Row[],
  { predicted, probabilities }: Answers,
  labels: readonly string[],
): Generator<string> {
  for (const [i, row] of test.entries()) {
    const from = i * labels.length
    const named = labels.map((name, k) => [name, Number(probabilities[from + k]!.toFixed(6))])
    const answer = { predicted: labels[predicted[i]!], probabilities: Object.fromEntries(named) }
    yield `${JSON.stringify({ ...row, ...answer })}\n`
  }
}

async function askAll(model: Model, rows: readonly Row[], signal: AbortSignal): Promise<Answers> {
  const classes = model.info.labels.length
  const probabilities = new Float64Array(rows.length * classes)
  let at = 0
  for await (const prediction of predictInPieces(model, rows, signal)) {
    probabilities.set(prediction.probabilities, at)
    at += classes
  }
  return { predicted: likeliest(probabilities, classes), probabilities }
}

export default run
