import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as core from '@actions/core'
import { kebab } from '../../components/definition/names.ts'
import { compile } from '../../pipelines/compiler/index.ts'
import news from '../../pipelines/news.ts'
import { runLocal } from '../../pipelines/runners/local/index.ts'
import { fail } from '../runtime/fail.ts'
import { readInputs } from '../runtime/inputs.ts'
import { pipelineAction } from './definition.ts'
import { answersOf, summaryOf } from './results.ts'

try {
  const { home, ...parameters } = readInputs(pipelineAction.inputs, name => core.getInput(name)).parameters
  const folder = resolve(String(home))
  const result = await runLocal({
    spec: compile(news),
    parameters,
    home: folder,
    env: { ...process.env, PRESSROOM_REGISTRY: process.env.PRESSROOM_REGISTRY || join(folder, 'registry') },
    // The bundle keeps the worker beside this script.
    worker: new URL('./worker.js', import.meta.url),
    onEvent: event => {
      if (event.type === 'task-log' && event.level === 'warn') core.warning(event.line)
      if (event.type === 'task-finished') core.info(`${event.task}: ${event.summary}`)
    },
  })
  await core.summary.addRaw(summaryOf(result), true).write()
  if (result.error !== undefined) throw result.error
  for (const [key, value] of Object.entries(answersOf(result, fileURLToPath)))
    core.setOutput(kebab(key), value)
} catch (error) {
  fail(error)
}
