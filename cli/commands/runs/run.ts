import { isBusy, listRuns, pruneRuns, type RunFile } from '../../../pipelines/runners/local/index.ts'
import type { CommandContext } from '../../command.ts'
import { seconds } from '../../output.ts'
import { table } from '../../table.ts'
import { requireLimit, secondsOf, showPruned } from '../prune.ts'

/** `pressroom runs [prune]`. */
export async function runsCommand(context: CommandContext): Promise<void> {
  const { action, home, keep, olderThan, dryRun } = context.settings
  if (action === 'list') return showRuns(context)
  requireLimit([keep, olderThan], '--keep N, --older-than 30d, or both')
  const olderThanSeconds = secondsOf(olderThan)
  const pruned = await pruneRuns(String(home), {
    dryRun: dryRun === true,
    ...(keep !== undefined && { keep: Number(keep) }),
    ...(olderThanSeconds !== undefined && { olderThanSeconds }),
  })
  showPruned(context, pruned, 'run')
}

/** Lists the runs of a home folder: what ran, how it ended, how many tasks, when and how long. */
async function showRuns(context: CommandContext): Promise<void> {
  const home = String(context.settings.home)
  const runs = await stated(home, await listRuns(home))
  if (context.json) {
    return context.print(
      JSON.stringify({ runs: runs.map(({ tasks, ...run }) => ({ ...run, tasks: tasks.length })) }),
    )
  }
  if (runs.length === 0) return context.print(`no runs in ${home}`)
  const rows = runs.map(run => [run.id, run.pipeline, run.state, countsOf(run), timeOf(run)])
  context.print(table(['run', 'pipeline', 'state', 'tasks', 'took'], rows))
}

/** A run that was killed could not say so: it runs by its file, and nobody has the folder. */
async function stated(home: string, runs: readonly RunFile[]) {
  if (!runs.some(({ state }) => state === 'running') || (await isBusy(home))) return runs
  return runs.map(run => ({ ...run, state: run.state === 'running' ? ('interrupted' as const) : run.state }))
}

/** `6`, or `4 of 6` when not all of them came to a good end. */
function countsOf({ tasks }: Pick<RunFile, 'tasks'>): string {
  const done = tasks.filter(({ state }) => ['succeeded', 'cached', 'skipped'].includes(state)).length
  return done === tasks.length ? String(done) : `${done} of ${tasks.length}`
}

function timeOf({ startedAt, endedAt }: Pick<RunFile, 'startedAt' | 'endedAt'>): string {
  return endedAt === undefined ? '' : seconds((Date.parse(endedAt) - Date.parse(startedAt)) / 1000)
}
