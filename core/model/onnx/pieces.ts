import type { GraphBuilder } from './builder.ts'

/** Strings of several texts one behind the other, string [P], and the text that each is of, int64 [P], in order. */
export interface Pieces {
  readonly strings: string
  readonly rows: string
}

/** The pieces cut at every `delimiter`, or at white space of ASCII; empty ones are gone. */
export function cut(g: GraphBuilder, { strings, rows }: Pieces, delimiter?: string): Pieces {
  const at = delimiter === undefined ? {} : { delimiter: { s: delimiter } }
  // [P, most parts of a piece], filled up with empty strings.
  const [parts] = g.outputs('StringSplit', [strings], 2, at) as [string]
  const places = g.op('NonZero', [g.op('Not', [g.op('Equal', [parts, g.string('')])])])
  const owners = g.op('Squeeze', [g.op('Slice', [places, g.ints(0), g.ints(1), g.ints(0)]), g.ints(0)])
  return {
    strings: g.op('GatherND', [parts, g.op('Transpose', [places])]),
    rows: g.op('Gather', [rows, owners]),
  }
}

/** Each of the strings, [N], as a piece of its own. */
export function onePieceEach(g: GraphBuilder, strings: string): Pieces {
  return { strings, rows: numbered(g, g.op('Shape', [strings])) }
}

/** The pieces with those that are flagged (one or more) replaced by what `change` makes of them, in their order. */
export function replaced(
  g: GraphBuilder,
  { strings, rows }: Pieces,
  flags: string,
  change: (some: Pieces) => Pieces,
): Pieces {
  const size = g.op('Shape', [strings])
  const places = numbered(g, size)
  const some = (name: string, chosen: string) => g.op('Compress', [name, chosen], { axis: { i: 0 } })
  const others = g.op('Not', [flags])
  const [kept, changed] = [others, flags].map(chosen => ({
    strings: some(strings, chosen),
    rows: some(places, chosen),
  })) as [Pieces, Pieces]
  // Until they are back in order the row of a piece is the place that it came from.
  const made = change(changed)
  const [from, madeFrom] = [countsOf(g, kept.rows, size), countsOf(g, made.rows, size)]
  const starts = g.op('CumSum', [g.op('Add', [from, madeFrom]), g.int(0)], { exclusive: { i: 1 } })
  const firsts = g.op('CumSum', [madeFrom, g.int(0)], { exclusive: { i: 1 } })
  const gaps = g.op('Gather', [g.op('Sub', [starts, firsts]), made.rows])
  const joined = (a: string, b: string) => g.op('Concat', [a, b], { axis: { i: 0 } })
  const targets = joined(
    g.op('Gather', [starts, kept.rows]),
    g.op('Add', [numbered(g, g.op('Shape', [made.rows])), gaps]),
  )
  const all = g.op('Shape', [targets])
  const zeros = g.op('Expand', [g.int(0), all])
  const order = g.op('ScatterElements', [zeros, targets, numbered(g, all)], { axis: { i: 0 } })
  const ordered = (name: string) => g.op('Gather', [name, order])
  return {
    strings: ordered(joined(kept.strings, made.strings)),
    rows: g.op('Gather', [rows, ordered(joined(kept.rows, made.rows))]),
  }
}

/** 0, 1, 2 … as many as `size`, int64 [1], says. */
function numbered(g: GraphBuilder, size: string): string {
  return g.op('Range', [g.int(0), g.op('Squeeze', [size]), g.int(1)])
}

/** How often each number below `size` is among `numbers`. */
function countsOf(g: GraphBuilder, numbers: string, size: string): string {
  const zeros = g.op('Expand', [g.int(0), size])
  const ones = g.op('Expand', [g.int(1), g.op('Shape', [numbers])])
  return g.op('ScatterElements', [zeros, numbers, ones], { axis: { i: 0 }, reduction: { s: 'add' } })
}

/** Whether each string is matched as a whole; `.` is any character. */
export function matches(g: GraphBuilder, strings: string, pattern: string): string {
  return g.op('RegexFullMatch', [strings], { pattern: { s: `(?s)${pattern}` } })
}

/** Whether any of several is true, bool []. */
export function any(g: GraphBuilder, flags: string): string {
  const most = g.op('ReduceMax', [g.cast(flags, 'int64')], { keepdims: { i: 0 } })
  return g.cast(most, 'bool')
}

/**
 * Things of several rows one behind the other, those of row 0 first, as a table with a line a row, [N, K], that is filled up with
 * `filling`, a constant.
 * @param size the number of rows, int64 [1]
 */
export function asTable(
  g: GraphBuilder,
  { items, rows }: { readonly items: string; readonly rows: string },
  { size, filling }: { readonly size: string; readonly filling: string },
): string {
  const counts = countsOf(g, rows, size)
  const starts = g.op('CumSum', [counts, g.int(0)], { exclusive: { i: 1 } })
  const all = numbered(g, g.op('Shape', [items]))
  const columns = g.op('Sub', [all, g.op('Gather', [starts, rows])])
  const widest = g.op('ReduceMax', [counts], { keepdims: { i: 1 } })
  const shape = g.op('Concat', [size, g.op('Max', [widest, g.ints(1)])], { axis: { i: 0 } })
  const column = (name: string) => g.op('Unsqueeze', [name, g.ints(1)])
  const places = g.op('Concat', [column(rows), column(columns)], { axis: { i: 1 } })
  return g.op('ScatterND', [g.op('Expand', [filling, shape]), places, items])
}
