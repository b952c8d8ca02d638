import { each, format, integer, list, onExit, pipeline, text, when } from '../../../pipelines/index.ts'
import { coin, eat, gather, lister, num, op, sink } from './steps.ts'

/** Groups of every kind in one another. */
export default pipeline(
  {
    name: 'deep',
    inputs: {
      go: text(''),
      words: list({ help: '', of: 'string' }),
      structs: list({ help: '', of: 'struct' }),
      lim: integer({ help: '', default: 3 }),
    },
  },
  ({ go, words, structs, lim }) => {
    const exit = op({ word: 'exit' })
    const c0 = coin()
    onExit(
      exit,
      () => {
        const c1 = coin()
        when(
          c1.face.is('heads'),
          () => {
            const collected = each(
              words,
              word => {
                const { out } = op({ word })
                when(word.is('x'), () => {
                  sink({ word: out })
                })
                each([1, 2], n => {
                  num({ n })
                  when(n.isMore(lim), () => {
                    sink({ word: format`${go} and ${lim} of ${c1.n}` })
                  })
                })
                return { out }
              },
              { parallelism: 2 },
            )
            gather({ words: collected.out })
          },
          { named: 'heads' },
        )
          .elseWhen(c1.n.isMore(2), () => {
            sink({ word: go })
            op({ word: 'elif' })
          })
          .otherwise(() => {
            const { out } = op({ word: 'else' })
            when(go.is('y'), () => {
              sink({ word: out })
            })
          })
      },
      { named: 'guarded' },
    )
    each(structs, item => {
      num({ n: item.at('a', 'integer') })
      when(item.at('a', 'integer').is(3), () => {
        num({ n: item.at('b', 'integer') })
        op({ word: 'last' })
      })
    })
    each(lister().l, n => {
      when(n.isAtLeast(2), () => {
        const { face } = coin()
        const of = ({ face, out }: ReturnType<typeof coin>) => ({ x: face, y: out })
        const { x, y } = when(face.is('heads'), () => of(coin()))
          .elseWhen(face.is('tails'), () => of(coin()))
          .otherwise(() => of(coin()))
        when(c0.face.is('edge'), () => {
          eat({ d: y })
          sink({ word: x })
        })
      })
    })
  },
)
