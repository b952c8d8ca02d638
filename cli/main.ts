import { asPressroomError, PressroomError, systemCode } from '../core/errors.ts'
import { stopSignal } from '../core/stop-signal.ts'
import { showError } from './output.ts'

/**
 * Runs one command line.
 * @param argv without Node and the script
 * @returns the exit status: 0; 3 where a verdict is no and --exit-code was given; 1 after an error; 2 when the command line itself was wrong; 130 after Ctrl-C
 */
export async function main(argv: readonly string[]): Promise<number> {
  // `pressroom models | head`: a reader that left wants no more, and no complaint.
  process.stdout.on('error', error => process.exit(systemCode(error) === 'EPIPE' ? 0 : 1))
  using stop = stopSignal()
  try {
    const executor = await executorInputOf(argv)
    if (executor === undefined) {
      const { runProgram } = await import('./program.ts')
      return await runProgram(argv, stop.signal)
    }
    const { runExecutor } = await import('./executor.ts')
    await runExecutor(executor.stage, executor.input, stop.signal)
    return 0
  } catch (thrown) {
    const error = asPressroomError(stop.signal.aborted ? stopError(stop.signal, thrown) : thrown)
    showError(error, {
      command: commandOf(argv),
      debug: argv.includes('--debug'),
      json: argv.includes('--json'),
    })
    if (error.code === 'cancelled') return 130
    return error.code === 'usage' ? 2 : 1
  }
}

/** A stop is told in one way, whatever it broke; unless what was stopped says how to go on. */
function stopError({ reason }: AbortSignal, thrown: unknown): unknown {
  return thrown instanceof PressroomError && thrown.code === 'cancelled' && thrown.fix ? thrown : reason
}

/** Kubeflow's call, `pressroom STAGE --executor_input JSON`, is told apart before any option parser is loaded. */
async function executorInputOf([name, flag, input]: readonly string[]) {
  if (name === undefined || flag !== '--executor_input' || input === undefined) return undefined
  const { findStage } = await import('../components/stages.ts')
  const stage = findStage(name) ?? (await findOwnStage(name))
  return stage === undefined ? undefined : { stage, input }
}

/** A stage that the image registers, or the settings file beside. */
async function findOwnStage(name: string) {
  const { loadOwnStages, registeredPaths } = await import('./own-stages.ts')
  const own = await loadOwnStages(await registeredPaths(process.env), new Set())
  return own.find(({ stage }) => stage.name === name)?.stage
}

function commandOf(argv: readonly string[]): string {
  return argv.find(word => !word.startsWith('-')) ?? 'pressroom'
}
