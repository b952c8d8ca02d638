import type { Channel, LoopGroup } from '../language/graph.ts'
import { Reference } from '../language/references.ts'
import { isUntyped } from './channels.ts'
import type { Faults } from './faults.ts'
import { channelsIn, describe, literalFault } from './values.ts'

/**
 * Checks what a loop goes over.
 * @returns the list that the run brings, or undefined for a literal one or one at fault
 */
export function resolveLoop(group: LoopGroup, where: string, faults: Faults): Channel | undefined {
  const { items, parallelism } = group
  if (parallelism !== undefined && (!Number.isSafeInteger(parallelism) || parallelism < 0)) {
    faults.add(
      where,
      `cannot run ${parallelism} iterations at one time`,
      'give a whole number, 0 for no limit',
    )
  }
  if (items instanceof Reference) {
    const { channel } = items
    const { definition } = channel
    const list =
      definition.role === 'artifact' ? definition.list : definition.kind === 'list' || isUntyped(channel)
    if (list) return channel
    faults.add(where, `goes over ${describe(definition)}, "${channel.name}"`, 'give a list')
    return undefined
  }
  if (!Array.isArray(items)) {
    faults.add(where, 'goes over what is no list', 'give a literal list or a reference to one')
    return undefined
  }
  if (items.length === 0) {
    faults.add(where, 'goes over an empty list', 'give one item at least, or leave the loop out')
  }
  const fault =
    channelsIn(items).length > 0
      ? 'holds a reference inside a literal list'
      : literalFault({ role: 'parameter', kind: 'list', presence: 'required', help: '' }, items)
  if (fault !== undefined) faults.add(where, fault, 'make the list in a task and go over its output')
  return undefined
}
