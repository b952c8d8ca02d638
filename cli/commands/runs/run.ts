import { listRuns, type RunFile } from '../../../pipelines/runners/local/index.ts'
import type { CommandContext } from '../../command.ts'
import { seconds } from '../../output.ts'
import { table } from '../../table.ts'

/** Lists the runs of a home folder: what ran, how it ended, how many tasks, when and how long. */
export async function showRuns(context: CommandContext): Promise<void> {
  const home = String(context.settings.home)
  const runs = await listRuns(home)
  if (context.json) {
    return context.print(
      JSON.stringify({ runs: runs.map(({ tasks, ...run }) => ({ ...run, tasks: tasks.length })) }),
    )
  }
  if (runs.length === 0) return context.print(`no runs in ${home}`)
  const rows = runs.map(run => [run.id, run.pipeline, run.state, countsOf(run), timeOf(run)])
  context.print(table(['run', 'pipeline', 'state', 'tasks', 'took'], rows))
}

/** `6`, or `4 of 6` when not all of them came to a good end. */
function countsOf({ tasks }: RunFile): string {
  const done = tasks.filter(({ state }) => ['succeeded', 'cached', 'skipped'].includes(state)).length
  return done === tasks.length ? String(done) : `${done} of ${tasks.length}`
}

function timeOf({ startedAt, endedAt }: RunFile): string {
  return endedAt === undefined ? '' : seconds((Date.parse(endedAt) - Date.parse(startedAt)) / 1000)
}
