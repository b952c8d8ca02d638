import { pullCache, pushCache } from '../../../pipelines/runners/local/index.ts'
import type { CommandContext } from '../../command.ts'

/** Copies results of tasks between this machine's cache and a place that others use too. */
export async function shareCache(context: CommandContext): Promise<void> {
  const { direction, uri, home } = context.settings as {
    direction: 'pull' | 'push'
    uri: string
    home: string
  }
  const shared = await (direction === 'pull' ? pullCache : pushCache)(home, uri)
  if (context.json) return context.print(JSON.stringify(shared))
  context.print(`${shared.copied} copied, ${shared.present} there already`)
}
