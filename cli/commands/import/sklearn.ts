import { counted } from '../../../core/counted.ts'
import { isDump } from '../../../core/model/import/dump.ts'
import { importSklearn, type SklearnImported } from '../../../core/model/import/from-sklearn.ts'
import { describeLearner } from '../../../core/model/index.ts'
import type { CommandContext } from '../../command.ts'
import { exportWithPython } from './python.ts'
import type { Outcome, Request } from './run.ts'

/** A file of joblib, pickle or sklearn_export.py; the first two are loaded by the user's own Python. */
export async function fromSklearn(
  { name, bytes, folder, labels, validation }: Request,
  { settings, log, signal }: CommandContext,
): Promise<Outcome> {
  const dump = isDump(bytes)
    ? bytes
    : await exportWithPython(String(settings.python), name, validation, { log, signal })
  const done = await importSklearn(folder, dump, name, { labels, validation })
  const { info, ...found } = done
  return {
    found: { ...found, learner: info.learner, metrics: info.metrics },
    what: `${describeLearner(info.learner)}, ${counted(info.features, 'feature')}`,
    lines: compared(done),
  }
}

function compared({ compared, largestDifference, calibrated }: SklearnImported): string[] {
  if (compared === 0) return ['not compared with scikit-learn: give --validation, so that both are asked']
  const texts = `compared with scikit-learn on ${counted(compared, 'text')}: the same class for each`
  if (calibrated) return [`${texts}; its probabilities are ours, by a temperature fitted on them`]
  return [`${texts}, probabilities within ${(largestDifference ?? 0).toPrecision(2)}`]
}
