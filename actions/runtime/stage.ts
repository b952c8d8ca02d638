import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as core from '@actions/core'
import type { AnyStage } from '../../components/definition/index.ts'
import { kebab } from '../../components/definition/names.ts'
import { artifactAt, mapRecord, outputsUnder, pathsOf } from '../../components/faces/files.ts'
import { runStage } from '../../components/faces/run-stage.ts'
import { asStageError } from '../../components/faces/stage-error.ts'
import { systemCode } from '../../core/errors.ts'
import { writeFailure } from '../../core/storage/failures.ts'
import { runAction } from './action.ts'
import { readInputs } from './inputs.ts'

/** Runs one stage as a step: inputs from `with:`, output artifacts as paths in a folder of the step's own. */
export async function runStageAction(stage: AnyStage): Promise<void> {
  await runAction(async signal => {
    const { parameters, artifacts, secrets } = readInputs(
      stage.inputs,
      name => core.getInput(name),
      process.env,
    )
    for (const secret of Object.values(secrets)) core.setSecret(secret)
    const outputs = outputsUnder(stage, await claimFolder('pressroom-out', stage.name))
    const result = await runStage(stage, {
      parameters,
      artifacts: mapRecord(artifacts, artifactAt),
      outputs,
      log: { info: core.info, warn: core.warning },
      signal,
      env: { ...process.env, ...secrets },
    }).catch((error: unknown) => {
      throw asStageError(stage.name, error)
    })
    const answers = { ...result.parameters, ...pathsOf(outputs) }
    for (const [key, value] of Object.entries(answers)) core.setOutput(kebab(key), value)
    core.info(`${stage.name}: ${result.summary}`)
  })
}

/**
 * Makes the first of `train`, `train-2`, … that is not there: what one step made must still be there after the next one
 * with the same stage.
 */
async function claimFolder(parent: string, name: string): Promise<string> {
  for (let use = 1; ; use++) {
    const folder = join(parent, use === 1 ? name : `${name}-${use}`)
    try {
      await mkdir(parent, { recursive: true })
      await mkdir(folder)
      return folder
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw writeFailure(error, folder)
    }
  }
}
