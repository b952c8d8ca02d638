import {
  boolean,
  collect,
  each,
  format,
  integer,
  list,
  number,
  pipeline,
  type Task,
  when,
} from '../../../pipelines/index.ts'
import { coin, feast, gather, num, op, sink, weigh } from './steps.ts'

/** Loops over everything, with conditions in them, and what they let out. */
export default pipeline(
  {
    name: 'loops',
    inputs: {
      words: list({ help: '', of: 'string' }),
      structs: list({ help: '', of: 'struct' }),
      limit: integer({ help: '', default: 2 }),
      share: number({ help: '', default: 0.5 }),
      go: boolean({ help: '', default: true }),
    },
  },
  ({ words, structs, limit, share, go }) => {
    const first = op({ word: 'first' })
    each(
      [
        { tag: 'a', size: 'small' },
        { tag: 'b', size: 'big' },
      ],
      ({ tag, size }) => {
        sink({ word: tag })
        when(
          size.is('big'),
          () => {
            sink({ word: 'big' })
          },
          { named: 'big ones' },
        )
      },
    )
    const before: Task[] = []
    const { kept, deepest } = each(
      [1, 2, 3],
      number => {
        const { kept } = collect(when(number.isAtLeast(limit), () => ({ kept: coin().out })))
        const { deepest } = each(words, word => {
          const inner = collect(
            when(word.isNot('skip'), () =>
              collect(
                when(go.is(false), () => ({ deepest: op({ word: format`${first.out}, ${limit}` }).out })),
              ),
            ),
          )
          before.push(sink({ word }))
          return inner
        })
        sink({ word: 'after the loop' }).after(...before)
        return { kept, deepest }
      },
      { named: 'kept', parallelism: 1 },
    )
    feast({ ds: kept })
    gather({ words: deepest })
    each(structs, pair => {
      const low = pair.at('low', 'integer')
      const high = pair.at('high', 'integer')
      num({ n: low })
      when(low.isLess(high), () => {
        num({ n: high })
      })
    })
    each([true, false], flag => {
      when(flag.is(true), () => {
        weigh({ share, extra: { n: [1, 2.5, { deep: 'er' }] }, fine: flag })
      })
        .elseWhen(share.isAtMost(2), () => {
          sink({ word: 'elif' })
        })
        .otherwise(() => {
          sink({ word: 'else' })
        })
    })
    sink({ word: 'last' }).after(...before)
  },
)
