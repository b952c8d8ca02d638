/** Lines around a change that are shown with it. */
const CONTEXT = 3

/** Changed lines up to which the shortest difference is sought; its cost grows with their square. */
const MOST_CHANGES = 2000

type Line = readonly [sign: ' ' | '-' | '+', text: string]

/**
 * What changed between two texts, as a unified diff (`diff -u`) without the two headings; empty when nothing did. By the
 * algorithm of Myers ("An O(ND) Difference Algorithm and Its Variations", 1986); past 2,000 changed lines all between
 * the first and the last one counts as changed.
 */
export function difference(before: string, after: string): string {
  if (before === after) return ''
  const lines = compare(linesOf(before), linesOf(after))
  const changed = lines.flatMap(([sign], i) => (sign === ' ' ? [] : [i]))
  const hunks: [number, number][] = []
  for (const i of changed) {
    const last = hunks.at(-1)
    if (last !== undefined && i - CONTEXT <= last[1]) last[1] = i + CONTEXT + 1
    else hunks.push([Math.max(0, i - CONTEXT), i + CONTEXT + 1])
  }
  return hunks.map(([start, end]) => hunk(lines, start, Math.min(end, lines.length))).join('')
}

/** A last line that does not end differs from one that does; `diff` says so below it. */
function linesOf(text: string): string[] {
  const lines = text.split('\n')
  const last = lines.pop()!
  return last === '' ? lines : [...lines, `${last}\n\\ No newline at end of file`]
}

function hunk(lines: readonly Line[], start: number, end: number): string {
  const count = (part: readonly Line[], sign: '-' | '+') => {
    return part.filter(line => line[0] === ' ' || line[0] === sign).length
  }
  const before = lines.slice(0, start)
  const shown = lines.slice(start, end)
  // An empty range is named by the line before it.
  const range = (sign: '-' | '+') => {
    const length = count(shown, sign)
    return `${sign}${count(before, sign) + (length === 0 ? 0 : 1)},${length}`
  }
  const body = shown.map(([sign, text]) => `${sign}${text}\n`).join('')
  return `@@ ${range('-')} ${range('+')} @@\n${body}`
}

function compare(before: readonly string[], after: readonly string[]): readonly Line[] {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1
  let end = 0
  const most = Math.min(before.length, after.length) - start
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end += 1
  const kept = (lines: readonly string[]) => lines.map((text): Line => [' ', text])
  const tail = end === 0 ? [] : before.slice(-end)
  return [
    ...kept(before.slice(0, start)),
    ...changes(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...kept(tail),
  ]
}

/** Walks diagonals k = x - y, x lines of one text and y of the other, as far as each number of changes reaches. */
function changes(a: readonly string[], b: readonly string[]): readonly Line[] {
  const reach = new Map([[1, 0]])
  const trace: Map<number, number>[] = []
  for (let d = 0; d <= Math.min(a.length + b.length, MOST_CHANGES); d++) {
    trace.push(new Map(reach))
    for (let k = -d; k <= d; k += 2) {
      let x = isDown(reach, k, d) ? reach.get(k + 1)! : reach.get(k - 1)! + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1
      reach.set(k, x)
      if (x >= a.length && x - k >= b.length) return backtrack(trace, a, b)
    }
  }
  return [...a.map((text): Line => ['-', text]), ...b.map((text): Line => ['+', text])]
}

function isDown(reach: ReadonlyMap<number, number>, k: number, d: number): boolean {
  return k === -d || (k !== d && reach.get(k - 1)! < reach.get(k + 1)!)
}

function backtrack(
  trace: readonly ReadonlyMap<number, number>[],
  a: readonly string[],
  b: readonly string[],
): Line[] {
  const lines: Line[] = []
  let x = a.length
  let y = b.length
  for (let d = trace.length - 1; d >= 0; d--) {
    const reach = trace[d]!
    const k = x - y
    const from = isDown(reach, k, d) ? k + 1 : k - 1
    const fromX = reach.get(from)!
    const fromY = fromX - from
    while (x > fromX && y > fromY && x > 0 && y > 0) {
      lines.push([' ', a[x - 1]!])
      x -= 1
      y -= 1
    }
    if (d === 0) break
    if (x === fromX) lines.push(['+', b[y - 1]!])
    else lines.push(['-', a[x - 1]!])
    x = fromX
    y = fromY
  }
  return lines.reverse()
}
