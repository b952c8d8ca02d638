import * as core from '@actions/core'
import type { AnyStage } from '../../components/definition/index.ts'
import { kebab } from '../../components/definition/names.ts'
import { artifactAt, mapRecord, outputsUnder, pathsOf } from '../../components/faces/files.ts'
import { runStage } from '../../components/faces/run-stage.ts'
import { runAction } from './action.ts'
import { readInputs } from './inputs.ts'

/** Runs one stage as a step: inputs from `with:`, output artifacts as paths under `pressroom-out/<stage>`. */
export async function runStageAction(stage: AnyStage): Promise<void> {
  await runAction(async signal => {
    const { parameters, artifacts, secrets } = readInputs(
      stage.inputs,
      name => core.getInput(name),
      process.env,
    )
    for (const secret of Object.values(secrets)) core.setSecret(secret)
    const outputs = outputsUnder(stage, `pressroom-out/${stage.name}`)
    const result = await runStage(stage, {
      parameters,
      artifacts: mapRecord(artifacts, artifactAt),
      outputs,
      log: { info: core.info, warn: core.warning },
      signal,
      env: { ...process.env, ...secrets },
    })
    const answers = { ...result.parameters, ...pathsOf(outputs) }
    for (const [key, value] of Object.entries(answers)) core.setOutput(kebab(key), value)
    core.info(`${stage.name}: ${result.summary}`)
  })
}
