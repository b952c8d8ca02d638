import { readFile } from 'node:fs/promises'
import { PressroomError } from '../../core/errors.ts'
import { readFailure } from '../../core/storage/failures.ts'
import type { StageRun } from '../definition/index.ts'
import type { inputs, outputs } from './stage.ts'
import { giveVerdict, someMetrics } from './verdict.ts'

const run: StageRun<typeof inputs, typeof outputs> = async ({ inputs, log }) => {
  const verdict = giveVerdict(await readMetrics(inputs.metrics.path), inputs)
  if (!verdict.passed) log.warn(verdict.reason)
  return { parameters: verdict, summary: verdict.reason }
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
