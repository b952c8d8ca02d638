import { readFile } from 'node:fs/promises'
import { PressroomError } from '../../core/errors.ts'
import { parseReference } from '../../core/registry/references.ts'
import { readFailure } from '../../core/storage/failures.ts'
import type { Log, StageContext, StageRun } from '../definition/index.ts'
import { openStageRegistry } from '../open-registry.ts'
import { compareWithChampion, type Rivalry } from './champion.ts'
import type { inputs, outputs } from './stage.ts'
import { giveVerdict, someMetrics } from './verdict.ts'

/** One row of a billion is more; what divisions lose is less. */
const SAME_ACCURACY = 1e-9

const run: StageRun<typeof inputs, typeof outputs> = async ({ inputs, log, signal }) => {
  const metrics = await readMetrics(inputs.metrics.path)
  const beside = await rivalry(inputs, { log, signal })
  if (typeof beside === 'object') ofOneModel(metrics.accuracy, beside.accuracy)
  const verdict = giveVerdict(metrics, inputs, beside)
  if (!verdict.passed) log.warn(verdict.reason)
  return { parameters: verdict, summary: verdict.reason }
}

type Inputs = StageContext<typeof inputs, typeof outputs>['inputs']

/** Beside the champion: undefined when no comparison was asked for. */
async function rivalry(
  { name, predictions, registry: location, alias, stage }: Inputs,
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
): Promise<Rivalry | 'none yet' | undefined> {
  if (name === undefined && predictions === undefined) return undefined
  if (name === undefined || predictions === undefined) {
    throw new PressroomError('invalid-parameter', 'comparing with the champion needs name and predictions', {
      where: `${name === undefined ? 'name' : 'predictions'} is missing`,
      fix: 'give both, or neither',
    })
  }
  const reference = parseReference({ name, stage, alias })
  await using registry = await openStageRegistry(location, { log, signal })
  return (
    (await compareWithChampion(registry, reference, predictions.path, {
      signal,
      warn: line => log.warn(line),
    })) ?? 'none yet'
  )
}

/** Metrics of one model beside predictions of another would be a verdict on neither. */
function ofOneModel(measured: number, predicted: number): void {
  if (Math.abs(measured - predicted) < SAME_ACCURACY) return
  throw new PressroomError('invalid-parameter', 'the metrics and the predictions are not of one evaluation', {
    where: `by the metrics the accuracy is ${measured}, by the predictions ${predicted}`,
    fix: 'give both as one run of evaluate wrote them',
  })
}

async function readMetrics(path: string) {
  const text = await readFile(path, 'utf8').catch(error => {
    throw readFailure(error, path)
  })
  try {
    return someMetrics(JSON.parse(text), 'metrics')
  } catch (error) {
    throw new PressroomError('invalid-parameter', `${path} is not what evaluate writes`, {
      where: (error as Error).message,
      fix: 'run evaluate again and give validate its metrics',
      cause: error,
    })
  }
}

export default run
