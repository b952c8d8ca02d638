import type { Borders } from './borders.ts'
import type { Faults } from './faults.ts'
import type { Member, MemberNames } from './names.ts'

/** Reports the members that wait for themselves, by way of others. */
export function findCycles(
  dependencies: Borders['dependencies'],
  names: ReadonlyMap<Member, MemberNames>,
  faults: Faults,
): void {
  const done = new Set<Member>()
  for (const start of dependencies.keys()) {
    // An explicit stack: a chain of ten thousand tasks is deeper than JavaScript's own.
    const path: { member: Member; rest: Member[] }[] = []
    const onPath = new Set<Member>()
    const enter = (member: Member) => {
      path.push({ member, rest: [...dependencies.get(member)!] })
      onPath.add(member)
    }
    if (!done.has(start)) enter(start)
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.rest.pop()
      if (next === undefined) {
        path.pop()
        onPath.delete(top.member)
        done.add(top.member)
      } else if (onPath.has(next)) {
        const members = path.map(step => step.member)
        const way = members.slice(members.indexOf(next) + 1).map(member => names.get(member)!.task)
        const what = way.length === 0 ? 'waits for itself' : `waits for itself by way of ${way.join(', ')}`
        faults.add(`${names.get(next)!.task}.after()`, what, 'drop one after()')
      } else if (!done.has(next)) {
        enter(next)
      }
    }
  }
}
