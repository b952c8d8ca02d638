import { fingerprintRows, type Row, readDataset } from '../../core/data/index.ts'
import { PressroomError } from '../../core/errors.ts'
import { type Fit, fitLogisticRegression } from '../../core/learn/index.ts'
import { indexLabels, sealModel } from '../../core/model/index.ts'
import { formatCount } from '../../core/report/numbers.ts'
import { writeFileAtomic } from '../../core/storage/atomic.ts'
import { digestBytes } from '../../core/storage/digest.ts'
import { fitTfidf, type TextSettings } from '../../core/text/index.ts'
import { VERSION } from '../../core/version.ts'
import type { StageContext, StageRun } from '../definition/index.ts'
import type { inputs, outputs } from './stage.ts'

type Inputs = StageContext<typeof inputs, typeof outputs>['inputs']

const run: StageRun<typeof inputs, typeof outputs> = async ({ inputs, outputs, log, signal }) => {
  const rows = await readDataset(inputs.train.path, signal)
  const validation = await readDataset(inputs.validation.path, signal)
  if (rows.length === 0) {
    throw new PressroomError('no-rows', 'there are no training rows', {
      fix: 'give smaller validation and test shares or more rows',
    })
  }
  const labels = [...new Set(rows.map(row => row.label))].sort()
  const settings = textSettings(inputs)
  const { features, matrix } = fitTfidf(textsOf(rows), settings)
  log.info(`${formatCount(rows.length)} rows, ${formatCount(features.vocabulary.length)} features`)

  // A tolerance well below scikit-learn's default: fits of the same rows by other releases then agree to four digits.
  const options = { c: inputs.c, maxIter: inputs.maxIterations, tol: 1e-7 }
  const training = { matrix, labels: indexLabels(rows, labels, 'training'), classes: labels.length }
  const { model, ...fit } = await fitLogisticRegression(training, options, { signal })
  if (!fit.converged) {
    log.warn(`the fit did not converge; raise maxIterations above ${inputs.maxIterations} or lower c`)
  }

  // A fit knows no seed and no clock: besides the rows, the release and these settings are all that shapes it.
  const code = `pressroom-ml@${VERSION}+${digestBytes(JSON.stringify({ settings, options }))}`
  const { info } = await sealModel(outputs.model.path, {
    features,
    model,
    labels,
    validation,
    metrics: {
      loss: fit.loss,
      iterations: fit.iterations,
      converged: fit.converged ? 1 : 0,
      features: model.features,
      classes: labels.length,
      rows: rows.length,
      validationRows: validation.length,
    },
    fingerprints: { data: fingerprintRows(rows), code },
  })
  if ('unchecked' in info.export) log.warn(`model.onnx is unchecked: ${info.export.unchecked}`)
  await writeFileAtomic(outputs.metrics.path, `${JSON.stringify(info.metrics, undefined, 2)}\n`)
  return {
    parameters: { features: model.features },
    metadata: { metrics: info.metrics },
    summary: summaryOf(model.features, fit),
  }
}

function textSettings(inputs: Inputs): TextSettings {
  const { stopWords, ngramMin, ngramMax, maxFeatures, maxDf, minDf, sublinearTf } = inputs
  return {
    lowercase: true,
    stopWords,
    ngramRange: [ngramMin, ngramMax],
    maxFeatures,
    maxDf,
    minDf,
    sublinearTf,
  }
}

function textsOf(rows: readonly Row[]): string[] {
  return rows.map(row => row.text)
}

function summaryOf(
  features: number,
  { iterations, converged }: Pick<Fit<unknown>, 'iterations' | 'converged'>,
): string {
  const outcome = converged ? '' : `, not converged after ${formatCount(iterations)} iterations`
  return `logistic regression, ${formatCount(features)} features${outcome}`
}

export default run
