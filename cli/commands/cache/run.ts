import { PressroomError } from '../../../core/errors.ts'
import { pruneCache, pullCache, pushCache } from '../../../pipelines/runners/local/index.ts'
import type { CommandContext } from '../../command.ts'
import { bytesOf, requireLimit, secondsOf, showPruned } from '../prune.ts'

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
  const shared = await (direction === 'pull' ? pullCache : pushCache)(home, uri)
  if (context.json) return context.print(JSON.stringify(shared))
  context.print(`${shared.copied} copied, ${shared.present} there already`)
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
  showPruned(context, pruned, 'result')
}
