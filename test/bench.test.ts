import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { cellsOf, HEADINGS, median, percentile, summarise } from '../bench/figures.ts'
import { inTurns, repeatedly } from '../bench/measure.ts'
import * as fc from './support/properties.ts'

describe('statistics', () => {
  test.each([
    [[3], 3],
    [[4, 1], 2.5],
    [[10, 9, 100], 10],
    [[4, 1, 3, 2], 2.5],
  ])('the median of %j is %d', (values, expected) => expect(median(values)).toBe(expected))

  test.each([
    [[7], 0.01, 7],
    [[7], 1, 7],
    [[4, 1, 3, 2], 0.5, 2],
    [[4, 1, 3, 2], 0.51, 3],
    [[10, 9], 0.99, 10],
    [Array.from({ length: 100 }, (_, i) => i + 1), 0.99, 99],
    [Array.from({ length: 101 }, (_, i) => i + 1), 0.99, 100],
  ])('percentile of %j at %d is %d', (values, share, expected) => {
    expect(percentile(values, share)).toBe(expected)
  })

  test('a percentile is the least value that so many do not exceed', () => {
    const values = fc.array(fc.integer(), { minLength: 1 })
    const shares = fc.double({ min: 0, max: 1, minExcluded: true, noNaN: true })
    fc.assert(
      fc.property(values, shares, (sample, share) => {
        const found = percentile(sample, share)
        expect(sample.filter(value => value <= found).length).toBeGreaterThanOrEqual(share * sample.length)
        expect(sample.filter(value => value < found).length).toBeLessThan(share * sample.length)
      }),
    )
  })

  test('nothing has neither', () => {
    expect(() => median([])).toThrow('no measurements')
    expect(() => percentile([], 0.5)).toThrow('no measurements')
  })
})

describe('a row', () => {
  test('holds medians, their ratio, the goal and the noise', () => {
    const samples = { case: 'a run', unit: 's', ours: [3, 1, 2], peer: [4, 4.4], goal: { atMost: 15 } }
    const row = summarise(samples)
    expect(row).toStrictEqual({
      case: 'a run',
      ours: 2,
      peer: 4.2,
      unit: 's',
      ratio: 0.4762,
      goal: '<= 15',
      met: true,
      spread: { ours: [1, 3], peer: [4, 4.4] },
    })
    expect(cellsOf(row)).toEqual(['a run', 's', '2', '1 to 3', '4.2', '4 to 4.4', '0.48', '<= 15', 'met'])
  })

  test('has nulls where there is no peer and no goal', () => {
    const row = summarise({ case: 'memory', unit: 'MB', ours: [123.456] })
    expect(row).toStrictEqual({
      case: 'memory',
      ours: 123.5,
      peer: null,
      unit: 'MB',
      ratio: null,
      goal: null,
      met: null,
      spread: { ours: [123.5, 123.5], peer: null },
    })
    expect(cellsOf(row)).toHaveLength(HEADINGS.length)
  })

  test.each([
    [{ atMost: 15 }, [15], '<= 15', true],
    // Rounded it would be met.
    [{ atMost: 15 }, [15.000001], '<= 15', false],
    [{ atLeast: 1000 }, [1000], '>= 1000', true],
    [{ atLeast: 1000 }, [999.99999], '>= 1000', false],
    // The median decides, not the best run.
    [{ atMost: 15 }, [1, 16, 17], '<= 15', false],
  ])('of goal %j and runs %j says %s: %s', (goal, ours, text, met) => {
    expect(summarise({ case: 'any', unit: 's', ours, goal })).toMatchObject({ goal: text, met })
  })

  test('has no ratio to a peer of zero, which JSON could not hold', () => {
    expect(summarise({ case: 'any', unit: 's', ours: [1], peer: [0] })).toMatchObject({
      peer: 0,
      ratio: null,
    })
  })
})

test('turns alternate, and the first of each is dropped', async () => {
  const order: string[] = []
  const turn = (name: string) => async () => `${name}${order.push(name)}`
  expect(await inTurns(2, turn('o'), turn('p'))).toEqual({ ours: ['o3', 'o5'], peer: ['p4', 'p6'] })
  expect(await repeatedly(2, turn('r'))).toEqual(['r8', 'r9'])
  expect(order.join('')).toBe('opopoprrr')
})

test('an unknown bench is refused, with the nearest', async () => {
  const run = resolve(import.meta.dirname, '../bench/run.ts')
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>(done => {
    execFile(process.execPath, [run, 'spin'], (error, _stdout, stderr) => done({ code: error?.code, stderr }))
  })
  expect(code).toBe(2)
  expect(stderr).toContain('there is no bench "spin"; did you mean "spine"?')
})
