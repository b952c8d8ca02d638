import type { PipelineSpec } from '../specification.ts'
import { type Box, boxesOf } from './boxes.ts'

/**
 * What people read for a group in place of its compiled name, by its path: `condition-1` is `if coin == 'heads'`,
 * `for-loop-2` is `for each of [1, 2]`.
 */
export function groupNames(spec: PipelineSpec): Readonly<Record<string, string>> {
  const names: Record<string, string> = {}
  const visit = (box: Box): void => {
    for (const member of box.members ?? []) {
      if (member.members === undefined) continue
      names[member.path] = nameOf(member)
      visit(member)
    }
  }
  visit(boxesOf(spec))
  return names
}

/** Compilers give these a number for a name, and no condition of their own. */
function nameOf({ title, detail }: Box): string {
  if (/^condition-branches-\d+$/.test(title)) return 'branches'
  if (/^exit-handler-\d+$/.test(title)) return 'exit handler'
  return /^(condition|for-loop)-\d+$/.test(title) && detail !== '' ? detail : title
}

/**
 * A path of a run as it stands in the specification: without the numbers of iterations.
 * @param isLoop whether a path of the run is a loop that began
 */
export function withoutIterations(path: string, isLoop: (path: string) => boolean): string {
  const parts = path.split('/')
  return parts.filter((_, i) => !isLoop(parts.slice(0, i).join('/'))).join('/')
}
