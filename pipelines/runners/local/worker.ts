import { flushCompileCache } from 'node:module'
import type { AnyStage } from '../../../components/definition/index.ts'
import { execute } from '../../../components/faces/executor.ts'
import { asStageError } from '../../../components/faces/stage-error.ts'
import { recordError } from './error-record.ts'
import type { Answer, Command } from './messages.ts'
import { loadStages } from './stages.ts'
import type { Job } from './types.ts'

/*
 * A process that runs stages, one after another, for the local runner that forked it. Its argument is the JSON list of
 * the modules with further stages.
 */
const stages = loadStages(JSON.parse(process.argv[2] ?? '[]'))
// A job reports this failure; without a job nobody waits for it.
stages.catch(() => {})

let controller = new AbortController()

process.on('message', async (command: Command) => {
  if (command.type === 'abort') return controller.abort()
  answer(await run(command))
  // Workers are killed in the end, and Node would keep the cache only when they exit.
  flushCompileCache()
})
// The channel closes with the runner, however that ended: nobody is left to work for.
process.on('disconnect', () => process.exit())
// Ctrl-C reaches every process of the terminal, but what it means here the runner decides.
process.on('SIGINT', () => {})

async function run({ stage: name, input, env }: Job): Promise<Answer> {
  controller = new AbortController()
  try {
    const stage = (await stages).get(name) as AnyStage
    const result = await execute(stage, input, {
      log: {
        info: line => answer({ type: 'log', level: 'info', line }),
        warn: line => answer({ type: 'log', level: 'warn', line }),
      },
      signal: controller.signal,
      env: { ...process.env, ...env },
    })
    return { type: 'done', ...result }
  } catch (error) {
    return { type: 'failed', error: recordError(asStageError(name, error)) }
  }
}

function answer(message: Answer): void {
  process.send?.(message)
}
