import { setImmediate } from 'node:timers/promises'
import { readDataset } from '../../core/data/index.ts'
import { loadModel, type Model, type Prediction } from '../../core/model/index.ts'
import { formatCount } from '../../core/report/numbers.ts'
import { writeFileAtomic } from '../../core/storage/atomic.ts'
import type { StageRun } from '../definition/index.ts'
import { type Metrics, measure, measureBaselines } from './metrics.ts'
import { evaluationReport, summarise } from './report.ts'
import type { inputs, outputs } from './stage.ts'

const ROWS_AT_ONCE = 1024

const run: StageRun<typeof inputs, typeof outputs> = async ({ inputs, outputs, log, signal }) => {
  await using model = await loadModel(inputs.model.path)
  const { labels } = model.info
  const test = await readDataset(inputs.test.path, signal)
  const train = inputs.train && (await readDataset(inputs.train.path, signal))
  log.info(`${formatCount(test.length)} test rows, ${labels.length} classes`)

  const texts = test.map(row => row.text)
  const predictions = await predictAll(model, texts, signal)
  const { metrics: measured, confusion } = measure(test, predictions, labels)
  const baselines = train && measureBaselines(train, test, model.info)
  const metrics: Metrics = baselines ? { ...measured, baselines } : measured

  signal.throwIfAborted()
  await writeFileAtomic(outputs.metrics.path, `${JSON.stringify(metrics, undefined, 2)}\n`)
  const confusionMatrix = {
    annotationSpecs: labels.map(displayName => ({ displayName })),
    rows: confusion.map(row => ({ row })),
  }
  await writeFileAtomic(outputs.confusion.path, `${JSON.stringify({ confusionMatrix }, undefined, 2)}\n`)
  await writeFileAtomic(outputs.report.path, evaluationReport(metrics, labels, confusion, test, predictions))
  const { accuracy, macroPrecision, macroRecall, macroF1, logLoss, rows } = metrics
  return {
    parameters: { accuracy, macroF1 },
    metadata: {
      metrics: { accuracy, macroPrecision, macroRecall, macroF1, logLoss, rows },
      confusion: { confusionMatrix },
    },
    summary: summarise(metrics),
  }
}

/** Predicts in pieces, so that a cancel is heard between them. */
async function predictAll(
  model: Model,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<Prediction[]> {
  const predictions: Prediction[] = []
  for (let from = 0; from < texts.length; from += ROWS_AT_ONCE) {
    await setImmediate()
    signal.throwIfAborted()
    predictions.push(...(await model.predict(texts.slice(from, from + ROWS_AT_ONCE))))
  }
  return predictions
}

export default run
