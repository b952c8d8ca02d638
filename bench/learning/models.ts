import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PressroomError } from '../../core/errors.ts'
import { pythonWith } from '../../test/interop/python.ts'
import {
  agNewsMissing,
  fitOnce,
  readTraining,
  SKLEARN_PACKAGES,
  startSklearn,
  writeAgNews,
} from '../../test/interop/sklearn-fits.ts'
import { tempFolder } from '../../test/support/temp.ts'
import { median, type Row, summarise } from '../figures.ts'
import { cleanEnvironment, inTurns, peakMegabytes, repeatedly } from '../measure.ts'
import { type BenchFit, FITS } from './fits.ts'

const exec = promisify(execFile)

const ONCE = join(import.meta.dirname, 'fit-once.ts')

/**
 * Fits alone, on the same matrices of AG News, ours in this process and scikit-learn's in one of its own, one thread each; then
 * the first fit of a fresh process of ours, and the peak memory of processes that make one fit.
 */
export async function* cases(): AsyncGenerator<Row> {
  const missing = agNewsMissing()
  if (missing !== undefined) throw new PressroomError('file-not-found', missing)
  const found = await pythonWith('sklearn', SKLEARN_PACKAGES)
  if ('reason' in found) throw new PressroomError('package-missing', found.reason)
  await using folder = await tempFolder()
  await writeAgNews(found.python, folder.path)
  for (const fit of FITS) yield* beside(fit, found.python, folder.path)
}

async function* beside(fit: BenchFit, python: string, folder: string): AsyncGenerator<Row> {
  const { name, matrix, learner, options, rounds, times } = fit
  const request = { matrix, learner, options }
  const unit = 'ms'
  await using sklearn = startSklearn(python, folder)
  const training = readTraining(folder, matrix)
  const { ours, peer } = await inTurns(
    rounds,
    async () => {
      const begun = performance.now()
      const loss = await fit.run(training)
      return { milliseconds: performance.now() - begun, loss: loss ?? null }
    },
    () => sklearn.fit(request),
  )
  const [own, other] = [ours, peer].map(side => side.map(({ milliseconds }) => milliseconds))
  const goal =
    times === undefined ? {} : { goal: { atMost: Number((median(other!) / times).toPrecision(3)) } }
  yield summarise({ case: name, unit, ours: own!, peer: other!, ...goal })
  const [loss, theirs] = [ours, peer].map(side => side.flatMap(({ loss }) => loss ?? []))
  if (theirs!.length > 0) {
    const goal = { atMost: median(theirs!) }
    yield summarise({ case: `${name}: loss`, unit: '', ours: loss!, peer: theirs!, goal })
  }
  const first = await repeatedly(3, async () => {
    const { stdout } = await exec(process.execPath, [ONCE, folder, name], { env: cleanEnvironment() })
    return Number(stdout)
  })
  yield summarise({ case: `${name}: first of a process`, unit, ours: first, peer: other! })
  const memory = await inTurns(
    2,
    () => peakMegabytes({ args: [ONCE, folder, name] }),
    () => peakMegabytes(fitOnce(python, folder, request)),
  )
  if (!memory.ours.every(Number.isFinite)) return
  yield summarise({ case: `${name}: memory`, unit: 'MB', ...memory })
}
