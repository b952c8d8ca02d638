import { boolean, type Json, text } from '../../components/definition/index.ts'
import { counted } from '../../core/counted.ts'
import { PressroomError } from '../../core/errors.ts'
import type { Pruned } from '../../pipelines/runners/local/index.ts'
import type { CommandContext } from '../command.ts'

/** Settings that everything which removes old things has. */
export const pruneInputs = {
  olderThan: text({
    optional: true,
    pattern: '[0-9]+[smhdw]',
    examples: ['30d'],
    help: 'For prune: only what is older: 12h, 30d, 8w.',
  }),
  dryRun: boolean({ default: false, help: 'For prune: say what would go, and remove nothing.' }),
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }
const SIZES: Readonly<Record<string, number>> = { KB: 1e3, MB: 1e6, GB: 1e9 }

/** `30d` in seconds; its pattern has been checked. */
export function secondsOf(duration: Json | undefined): number | undefined {
  if (typeof duration !== 'string') return undefined
  return Number(duration.slice(0, -1)) * (UNITS[duration.slice(-1)] ?? 1)
}

/** `5GB` in bytes; its pattern has been checked. */
export function bytesOf(size: Json | undefined): number | undefined {
  if (typeof size !== 'string') return undefined
  return Number(size.slice(0, -2)) * (SIZES[size.slice(-2)] ?? 1)
}

/**
 * Removing without a limit is never a default.
 * @throws PressroomError `usage` when none is given
 */
export function requireLimit(given: readonly unknown[], flags: string): void {
  if (given.some(value => value !== undefined)) return
  throw new PressroomError('usage', 'prune needs to know what may go', { fix: `give ${flags}` })
}

/** Says what went; `what` is the name of one: a run, a result. */
export function showPruned(
  { settings, json, print }: CommandContext,
  pruned: Pruned,
  what: string,
  several?: string,
): void {
  const { removed, bytes, kept } = pruned
  const dryRun = settings.dryRun === true
  if (json) {
    print(JSON.stringify({ removed, bytes, kept, dryRun }))
    return
  }
  const size = bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`
  for (const name of removed) print(`  ${name}`)
  print(
    `${counted(removed.length, what, several)} ${dryRun ? 'would be removed' : 'removed'} (${size}), ${kept} kept`,
  )
}
