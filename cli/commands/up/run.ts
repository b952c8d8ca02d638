import { once } from 'node:events'
import { resolve } from 'node:path'
import type { Json } from '../../../components/definition/index.ts'
import { PressroomError } from '../../../core/errors.ts'
import { openRegistry, registryLocation } from '../../../core/registry/index.ts'
import { lockFolder } from '../../../core/storage/lock.ts'
import { type RunResult, runLocal } from '../../../pipelines/runners/local/index.ts'
import type { PipelineSpec } from '../../../pipelines/specification.ts'
import type { CommandContext } from '../../command.ts'
import { loadSpec } from '../../load-pipeline.ts'
import { seconds, styled } from '../../output.ts'
import { packageFile } from '../../package-file.ts'
import { parseAssignments, stageEnvironment } from '../../pipeline-run.ts'
import { showProgress } from '../../progress.ts'
import { patiently } from '../../registry.ts'
import { askService } from './ask.ts'
import { startDeployment } from './deployment.ts'
import { evaluationTable } from './evaluation.ts'

interface UpSettings {
  readonly source?: string
  readonly set: readonly Json[]
  readonly once: boolean
  readonly headline: string
  readonly port: number
  readonly host: string
  readonly home: string
  readonly cache: boolean
}

/**
 * The whole job on this machine: the news pipeline, the registry's signed event, the deployment, the service and one
 * question to it. Everything it starts it stops, also when it is stopped midway.
 */
export async function bringUp(context: CommandContext): Promise<void> {
  const settings = context.settings as unknown as UpSettings
  const env = stageEnvironment(settings.home, context.env)
  await using _lock = await lockFolder(resolve(settings.home), 'up')
  using progress = showProgress(context.json ? process.stderr : process.stdout)
  const log = { ...context.log, warn: (line: string) => progress.print(styled('yellow', line)) }
  await using registry = await openRegistry(
    registryLocation(undefined, env),
    patiently({ signal: context.signal, log }),
  )
  let serving = false
  await using deployment = await startDeployment({
    registry,
    env,
    ...settings,
    // The first deployment has a line of its own below.
    report: line => void (serving && !context.signal.aborted && progress.print(line)),
  })

  const spec = await loadSpec('news')
  const parameters: Record<string, Json> = {
    source: settings.source ?? packageFile('examples/newsroom/news.csv'),
    ...parseAssignments(spec, settings.set),
  }
  const result = await runLocal({
    spec,
    parameters,
    home: settings.home,
    cache: settings.cache,
    env,
    signal: context.signal,
    onEvent: event => progress.onEvent(event),
  })
  if (result.error !== undefined) throw result.error
  for (const line of await evaluationTable(result)) progress.print(line)
  requirePromotion(result)
  const model = String({ ...defaultsOf(spec), ...parameters }.name)

  const start = performance.now()
  progress.begin('deploy')
  const served = await deployment.deployed(model, context.signal)
  progress.done('deploy', served.summary, seconds((performance.now() - start) / 1000))

  const answer = await askService(deployment.url, settings.headline, context.signal)
  const { prediction, confidence } = answer
  progress.print(`\n  "${settings.headline}"   ${styled('bold', prediction)} ${share(confidence)}\n`)
  if (context.json) {
    const { outputs, folder } = result
    context.print(
      JSON.stringify({
        url: deployment.url,
        model,
        version: served.version,
        headline: settings.headline,
        ...answer,
        outputs,
        run: folder,
      }),
    )
  }
  if (settings.once) return
  serving = true
  progress.print(`${styled('bold', deployment.url)}   Ctrl-C stops`)
  if (!context.signal.aborted) await once(context.signal, 'abort')
}

/** A model that did not pass is an outcome of the run, but not what `up` was asked for. */
function requirePromotion(result: RunResult): void {
  const stage = (name: string) => result.tasks.find(task => task.stage === name)
  if (stage('promote')?.state === 'succeeded') return
  throw new PressroomError('deployment-failed', 'the model was not promoted, so nothing new is deployed', {
    where: `validate: ${stage('validate')?.outputs?.parameters.reason ?? 'it did not run'}`,
    fix: 'look at the evaluation above; a floor that is too high is lowered with --set minAccuracy=…',
  })
}

function defaultsOf(spec: PipelineSpec): Record<string, unknown> {
  const declared = Object.entries(spec.root.inputDefinitions?.parameters ?? {})
  return Object.fromEntries(declared.map(([key, { defaultValue }]) => [key, defaultValue]))
}

function share(value: number): string {
  return value.toFixed(2).replace(/^0/, '')
}
