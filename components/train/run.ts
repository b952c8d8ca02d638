import { requireFitMemory } from '../../core/choose/index.ts'
import { counted } from '../../core/counted.ts'
import { fingerprintRows, readDataset, similarLabels } from '../../core/data/index.ts'
import { PressroomError } from '../../core/errors.ts'
import { fitLearner, type Learner, requireMemoryFor } from '../../core/learn/index.ts'
import { indexLabels, type LearnerRecord, sealModel } from '../../core/model/index.ts'
import { writeFileAtomic } from '../../core/storage/atomic.ts'
import { digestBytes } from '../../core/storage/digest.ts'
import { fitFeatures } from '../../core/text/index.ts'
import { VERSION } from '../../core/version.ts'
import { checkpointKey, sayingWhereKept } from '../checkpoint-file.ts'
import type { StageContext, StageRun } from '../definition/index.ts'
import { type FitCheckpoint, openFitCheckpoint } from './checkpoint.ts'
import { fitFolds } from './folds.ts'
import { resolveSettings } from './settings.ts'
import type { inputs, outputs } from './stage.ts'
import { summaryOf, uncheckedExports } from './summary.ts'
import { weightsIn } from './weights.ts'

/** So often at most is a line said of a long fit. */
const PROGRESS_MS = 5000

type Context = StageContext<typeof inputs, typeof outputs>

const run: StageRun<typeof inputs, typeof outputs> = async context => {
  const { inputs, log, signal } = context
  const task = await readTask(context)
  const checkpoint = inputs.checkpoint
    ? await openFitCheckpoint(inputs.checkpoint, checkpointKey(task.rows, task.shaped), log)
    : undefined
  return sayingWhereKept(inputs.checkpoint, signal, () => fitAndSeal(context, task, checkpoint))
}

type Task = Awaited<ReturnType<typeof readTask>>

/** The rows, checked, and all that shapes a fit of them. */
async function readTask({ inputs, log, signal }: Context) {
  const settings = resolveSettings(inputs)
  const rows = await readDataset(inputs.train.path, signal)
  const validation = await readDataset(inputs.validation.path, signal)
  if (rows.length === 0) {
    throw new PressroomError('no-rows', 'there are no training rows', {
      fix: 'give smaller validation and test shares or more rows',
    })
  }
  const labels = [...new Set(rows.map(row => row.label))].sort()
  if (labels.length < 2) {
    throw new PressroomError(
      'too-few-classes',
      `every training row has the label ${JSON.stringify(labels[0])}`,
      {
        fix: 'give rows of two classes or more',
      },
    )
  }
  for (const line of similarLabels(labels)) log.warn(line)
  const classes = indexLabels(rows, labels, 'training')
  indexLabels(validation, labels, 'validation')
  const learner = fitFolds(settings.learner, classes, labels, line => log.warn(line))

  const { weightColumn } = inputs
  const sampleWeight =
    weightColumn === undefined ? undefined : weightsIn(rows, weightColumn, inputs.train.path)
  // A fit knows no clock: besides the rows, the release and these settings are all that shapes it.
  const shaped = {
    ...{ features: settings.features, learner, precision: settings.precision },
    ...(weightColumn !== undefined && { weightColumn }),
  }
  return { rows, validation, labels, classes, sampleWeight, shaped }
}

async function fitAndSeal(
  { inputs, outputs, log, signal }: Context,
  { rows, validation, labels, classes, sampleWeight, shaped }: Task,
  checkpoint: FitCheckpoint | undefined,
) {
  const { learner } = shaped
  const characters = rows.reduce((sum, { text }) => sum + text.length, 0)
  requireFitMemory(shaped, { rows: rows.length, characters, classes: labels.length })
  const { features, matrix } = await fitFeatures(rows, classes, shaped.features, { signal })
  signal.throwIfAborted()
  log.info(`${counted(rows.length, 'row')}, ${counted(features.columns, 'feature')}`)
  requireMemoryFor(learner, {
    rows: rows.length,
    entries: matrix.indices.length,
    features: features.columns,
    classes: labels.length,
  })

  const fingerprints = {
    data: fingerprintRows(rows),
    code: `pressroom-ml@${VERSION}+${digestBytes(JSON.stringify(shaped))}`,
  }
  const training = { matrix, labels: classes, classes: labels.length, names: labels, sampleWeight }
  const { model, curves, ...fit } = await fitLearner(training, learner, {
    signal,
    onProgress: atIntervals(line => log.info(line)),
    keepCurves: true,
    ...(checkpoint && { checkpoint }),
  }).catch(async error => {
    await checkpoint?.settle()
    throw error
  })
  if (!fit.converged) log.warn(adviceOf(learner.kind, inputs.maxIterations))

  const { info } = await sealModel(outputs.model.path, {
    features,
    model,
    learner: learner as LearnerRecord,
    labels,
    validation,
    precision: shaped.precision,
    metrics: {
      ...(fit.loss !== undefined && { loss: fit.loss }),
      ...(fit.iterations !== undefined && { iterations: fit.iterations }),
      converged: fit.converged ? 1 : 0,
      features: model.features,
      classes: labels.length,
      rows: rows.length,
      validationRows: validation.length,
    },
    curves,
    fingerprints,
  })
  for (const line of uncheckedExports(info)) log.warn(line)
  await writeFileAtomic(outputs.metrics.path, `${JSON.stringify(info.metrics, undefined, 2)}\n`)
  await checkpoint?.remove()
  return {
    parameters: { features: model.features },
    metadata: { metrics: info.metrics },
    summary: summaryOf(info, fit),
  }
}

function atIntervals(say: (line: string) => void): (line: string) => void {
  let last = performance.now()
  return line => {
    const now = performance.now()
    if (now - last < PROGRESS_MS) return
    last = now
    say(line)
  }
}

/** What helps a learner that ran out of iterations. */
function adviceOf(kind: Learner['kind'], maxIterations: number | undefined): string {
  const limit = maxIterations === undefined ? 'maxIterations' : `maxIterations above ${maxIterations}`
  const steps = kind === 'mlp' ? 'lower learningRateInit' : 'lower c'
  return `the fit did not converge; raise ${limit} or ${steps}`
}

export default run
