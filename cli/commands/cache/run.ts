import { PressroomError } from '../../../core/errors.ts'
import { pruneCache, pullCache, pushCache } from '../../../pipelines/runners/local/index.ts'
import type { CommandContext } from '../../command.ts'
import { bytesOf, requireLimit, secondsOf, showPruned } from '../prune.ts'

/** A line about every two seconds says how far it is. */
const TELL_MS = 2000

/** Copies results of tasks between this machine's cache and a place that others use too, or removes old ones. */
export async function shareCache(context: CommandContext): Promise<void> {
  const { direction, uri, home } = context.settings as {
    direction: 'pull' | 'push' | 'prune'
    uri?: string
    home: string
  }
  if (direction === 'prune') return prune(context, home)
  if (uri === undefined) {
    throw new PressroomError('usage', `cache ${direction} needs a place`, {
      fix: `pressroom cache ${direction} /shared/cache`,
    })
  }
  let told = performance.now()
  const progress = (done: number, of: number) => {
    if (performance.now() - told < TELL_MS) return
    told = performance.now()
    context.log.info(`${done} of ${of}`)
  }
  const { signal } = context
  const shared = await (direction === 'pull' ? pullCache : pushCache)(home, uri, { signal, progress })
  if (context.json) return context.print(JSON.stringify(shared))
  const damaged = shared.damaged > 0 ? `, ${shared.damaged} could not be read` : ''
  context.print(`${shared.copied} copied, ${shared.present} there already${damaged}`)
}

async function prune(context: CommandContext, home: string): Promise<void> {
  const { olderThan, maxSize, dryRun } = context.settings
  requireLimit([olderThan, maxSize], '--older-than 30d, --max-size 5GB, or both')
  const olderThanSeconds = secondsOf(olderThan)
  const mostBytes = bytesOf(maxSize)
  const pruned = await pruneCache(home, {
    dryRun: dryRun === true,
    ...(olderThanSeconds !== undefined && { olderThanSeconds }),
    ...(mostBytes !== undefined && { mostBytes }),
  })
  showPruned(context, pruned, 'result or import', 'results and imports')
}
