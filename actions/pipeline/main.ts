import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as core from '@actions/core'
import { stageEnvironment } from '../../cli/pipeline-run.ts'
import { kebab } from '../../components/definition/names.ts'
import { compile } from '../../pipelines/compiler/index.ts'
import news from '../../pipelines/news.ts'
import { runLocal } from '../../pipelines/runners/local/index.ts'
import { runAction } from '../runtime/action.ts'
import { readInputs } from '../runtime/inputs.ts'
import { pipelineAction } from './definition.ts'
import { answersOf, reportOf, summaryOf } from './results.ts'

/**
 * The root action: runs the news pipeline with the inputs under `with:`.
 * @param worker the script of the runner's worker processes
 */
export async function runPipelineAction(worker: URL): Promise<void> {
  await runAction(async signal => {
    const { home, ...parameters } = readInputs(
      pipelineAction.inputs,
      name => core.getInput(name),
      process.env,
    ).parameters
    const folder = resolve(String(home))
    const result = await runLocal({
      spec: compile(news),
      parameters,
      home: folder,
      env: stageEnvironment(folder, process.env),
      worker,
      signal,
      onEvent: event => {
        if (event.type === 'task-log' && event.level === 'warn') core.warning(event.line)
        if (event.type === 'task-finished') core.info(`${event.task}: ${event.state}, ${event.summary}`)
      },
    })
    const report = reportOf(result)
    const text = report === undefined ? '' : await readFile(fileURLToPath(report), 'utf8')
    await core.summary.addRaw(summaryOf(result, text), true).write()
    for (const [key, value] of Object.entries(answersOf(result, fileURLToPath)))
      core.setOutput(kebab(key), value)
    if (result.error !== undefined) throw result.error
  })
}
