import { GraphBuilder } from './builder.ts'
import { classFor } from './characters.ts'
import { matches } from './pieces.ts'

const LAST = 2 ** 31 - 1

/**
 * The texts, [N], with each capital sigma in lower case: at the end of a word ς, elsewhere σ. It is the one character whose lower case depends
 * on what is around it: Final_Sigma of Unicode's SpecialCasing.txt, where what may be ignored counts as ignored even when it is cased.
 */
export function withoutCapitalSigmas(g: GraphBuilder, text: string): string {
  const ignored = classFor('\\p{Case_Ignorable}')
  const cased = classFor('[\\p{Cased}--\\p{Case_Ignorable}]')
  // [N, K]: between two parts stood a sigma.
  const [parts, counts] = g.outputs('StringSplit', [text], 2, { delimiter: { s: 'Σ' } }) as [string, string]
  const places = g.op('Range', [g.int(0), g.op('Squeeze', [widthOf(g, parts)]), g.int(1)])
  const left = g.op('Sub', [g.op('Unsqueeze', [counts, g.ints(1)]), places])
  const onlyIgnored = matches(g, parts, `[${ignored}]*`)
  const isFirst = g.op('Equal', [places, g.int(0)])
  const isLast = g.op('Equal', [left, g.int(1)])
  // A part that is ignored has a sigma, which is cased, on its other side.
  const before = g.op('Or', [
    matches(g, parts, `.*[${cased}][${ignored}]*`),
    g.op('And', [onlyIgnored, g.op('Not', [isFirst])]),
  ])
  const after = g.op('Or', [
    matches(g, parts, `[${ignored}]*[${cased}].*`),
    g.op('And', [onlyIgnored, g.op('Not', [isLast])]),
  ])
  // What is after the sigma behind a part is what the next part begins with; behind the last there is none.
  const column = g.op('Concat', [g.op('Shape', [text]), g.ints(1)], { axis: { i: 0 } })
  const nothing = g.op('Expand', [g.constant([], { type: 'bool', data: [0] }), column])
  const later = g.op('Slice', [after, g.ints(1), g.ints(LAST), g.ints(1)])
  const next = g.op('Concat', [later, nothing], { axis: { i: 1 } })
  const isFinal = g.op('And', [before, g.op('Not', [next])])
  const sigma = g.op('Where', [isFinal, g.string('ς'), g.string('σ')])
  const follows = g.op('Greater', [left, g.int(1)])
  const pieces = g.op('StringConcat', [parts, g.op('Where', [follows, sigma, g.string('')])])
  return g.op('Squeeze', [joined(g, pieces), g.ints(1)])
}

/** Each row's strings, [N, L], as one, [N, 1]: neighbours are joined until one is left. */
function joined(g: GraphBuilder, strings: string): string {
  const blank = g.constant([1, 1], { type: 'string', data: [''] })
  const body = new GraphBuilder('join_')
  const rows = body.op('Shape', ['join_in'], { start: { i: 0 }, end: { i: 1 } })
  const odd = body.op('Mod', [widthOf(body, 'join_in'), body.ints(2)])
  const filling = body.op('Expand', [blank, body.op('Concat', [rows, odd], { axis: { i: 0 } })])
  const even = body.op('Concat', ['join_in', filling], { axis: { i: 1 } })
  const everyOther = (from: number) =>
    body.op('Slice', [even, body.ints(from), body.ints(LAST), body.ints(1), body.ints(2)])
  body.put('StringConcat', [everyOther(0), everyOther(1)], ['join_out'])
  body.put('Squeeze', [body.op('Greater', [widthOf(body, 'join_out'), body.ints(1)])], ['join_again'])
  const rounds = g.int(64)
  const again = g.op('Squeeze', [g.op('Greater', [widthOf(g, strings), g.ints(1)])])
  const value = (name: string) => ({ name, type: 'string', shape: ['N', `${name}_width`] }) as const
  return g.op('Loop', [rounds, again, strings], {
    body: {
      g: body.body(
        'join',
        [
          { name: 'join_round', type: 'int64', shape: [] },
          { name: 'join_if', type: 'bool', shape: [] },
          value('join_in'),
        ],
        [{ name: 'join_again', type: 'bool', shape: [] }, value('join_out')],
      ),
    },
  })
}

function widthOf(g: GraphBuilder, name: string): string {
  return g.op('Shape', [name], { start: { i: 1 }, end: { i: 2 } })
}
