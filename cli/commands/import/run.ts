import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { counted } from '../../../core/counted.ts'
import { type Row, readRows } from '../../../core/data/index.ts'
import { PressroomError } from '../../../core/errors.ts'
import { isDump } from '../../../core/model/import/dump.ts'
import { importSklearn, type SklearnImported } from '../../../core/model/import/from-sklearn.ts'
import { describeLearner } from '../../../core/model/index.ts'
import { readFailure } from '../../../core/storage/failures.ts'
import type { CommandContext } from '../../command.ts'
import { styled } from '../../output.ts'
import { exportWithPython } from './python.ts'

/** `pressroom import sklearn MODEL`. */
export async function importModel(context: CommandContext): Promise<void> {
  const { settings, log, signal } = context
  const model = String(settings.model)
  const labels = settings.labels as readonly string[]
  const validation = await validationOf(settings.validation as string | undefined, signal)
  const given = await readFile(model).catch(error => {
    throw readFailure(error, model)
  })
  const bytes = isDump(given)
    ? given
    : await exportWithPython(String(settings.python), model, validation, { log, signal })
  const folder = join(String(settings.out), 'model')
  const done = await importSklearn(folder, bytes, model, {
    labels: labels.length === 0 ? undefined : labels,
    validation,
  })
  if (context.json) {
    const { info, ...found } = done
    return context.print(JSON.stringify({ folder, ...found, learner: info.learner, metrics: info.metrics }))
  }
  const what = `${describeLearner(done.info.learner)}, ${counted(done.info.features, 'feature')}`
  context.print(`${styled('green', '✓')} import  ${what}`)
  for (const line of [...found(done), folder]) context.print(`  ${line}`)
}

function found({ compared, largestDifference, calibrated }: SklearnImported): string[] {
  if (compared === 0) return ['not compared with scikit-learn: give --validation, so that both are asked']
  const texts = `compared with scikit-learn on ${counted(compared, 'text')}: the same class for each`
  if (calibrated) return [`${texts}; its probabilities are ours, by a temperature fitted on them`]
  return [`${texts}, probabilities within ${(largestDifference ?? 0).toPrecision(2)}`]
}

async function validationOf(path: string | undefined, signal: AbortSignal): Promise<readonly Row[]> {
  if (path === undefined) return []
  const { rows } = await readRows(path, { signal })
  if (rows.length === 0) throw new PressroomError('no-rows', `${path} has no rows`)
  return rows
}
