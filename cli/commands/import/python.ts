import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Row } from '../../../core/data/index.ts'
import { PressroomError, systemCode } from '../../../core/errors.ts'
import { EXPORT_SCRIPT } from '../../../core/model/import/dump.ts'
import { withScratch } from '../../../core/storage/scratch.ts'
import type { CommandContext } from '../../command.ts'

const exec = promisify(execFile)

/**
 * Lets the user's Python write a fitted model as plain data, with its own answers for the rows' texts.
 * @throws PressroomError `package-missing` without that Python or scikit-learn; `not-importable` with the script's own last line
 */
export async function exportWithPython(
  python: string,
  model: string,
  rows: readonly Row[],
  { log, signal }: Pick<CommandContext, 'log' | 'signal'>,
): Promise<Uint8Array> {
  log.info(`${python} loads ${model}, and runs the code that is in it`)
  return withScratch(async folder => {
    const [texts, out] = [join(folder, 'texts.json'), join(folder, 'dump')]
    await writeFile(texts, JSON.stringify(rows.map(({ text }) => text)))
    const asked = rows.length === 0 ? [] : ['--texts', texts]
    try {
      await exec(python, [fileURLToPath(EXPORT_SCRIPT), model, out, ...asked], { signal })
    } catch (error) {
      signal.throwIfAborted()
      throw failure(error as Error & { stderr?: string }, python, model)
    }
    return readFile(out)
  })
}

function failure(error: Error & { stderr?: string }, python: string, model: string): PressroomError {
  if (systemCode(error) === 'ENOENT') {
    return new PressroomError('package-missing', `there is no ${python}`, {
      fix: 'name the Python that has scikit-learn: --python .venv/bin/python',
      cause: error,
    })
  }
  const last = (error.stderr ?? '').trim().split('\n').at(-1) || error.message
  const missing = /No module named '(sklearn|joblib|numpy)/.test(error.stderr ?? '')
  if (missing && !last.startsWith(model)) {
    return new PressroomError('package-missing', `${python} has no scikit-learn`, {
      where: last,
      fix: 'name the Python that has it: --python .venv/bin/python',
      cause: error,
    })
  }
  return new PressroomError('not-importable', `${python} cannot export ${model}`, {
    where: last,
    fix: 'run it with the Python environment that the model was fitted in: --python .venv/bin/python',
    cause: error,
  })
}
