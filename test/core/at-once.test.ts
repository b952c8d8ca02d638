import { expect, test } from '@jest/globals'
import { limitTo, shareAnswers } from '../../core/at-once.ts'
import * as fc from '../support/properties.ts'

test('so many pieces of work run at once, each begins in its turn, and one that fails gives its place on', async () => {
  const pieces = fc.array(fc.record({ turns: fc.nat(4), fails: fc.boolean() }), { maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), pieces, async (most, works) => {
      const limit = limitTo(most)
      const begun: number[] = []
      let running = 0
      const ended = works.map(({ turns, fails }, i) =>
        limit(async waited => {
          begun.push(i)
          expect(waited).toBe(i >= most)
          running += 1
          expect(running).toBeLessThanOrEqual(most)
          for (let turn = 0; turn < turns; turn++) await undefined
          running -= 1
          if (fails) throw new Error('no')
          return i
        }),
      )
      const results = await Promise.allSettled(ended)
      expect(results.map(({ status }) => status)).toEqual(
        works.map(({ fails }) => (fails ? 'rejected' : 'fulfilled')),
      )
      expect(begun).toEqual(works.map((_, i) => i))
      expect(await limit(async waited => waited)).toBe(false)
    }),
  )
})

test('who asks while an answer is on its way gets the next one, with all who asked meanwhile', async () => {
  const asked: PromiseWithResolvers<string>[] = []
  const ask = shareAnswers(() => {
    asked.push(Promise.withResolvers())
    return asked.at(-1)!.promise
  })
  const first = ask()
  await undefined
  const [second, third] = [ask(), ask()]
  expect(asked).toHaveLength(1)
  asked[0]!.reject(new Error('away'))
  await expect(first).rejects.toThrow('away')
  await undefined
  expect(asked).toHaveLength(2)
  asked[1]!.resolve('back')
  expect(await Promise.all([second, third])).toEqual(['back', 'back'])
})
