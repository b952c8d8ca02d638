import { describe, expect, test } from '@jest/globals'
import { Tally } from '../../serving/tally.ts'

const NOW = 1_000_000_000

describe('what a version answered', () => {
  test('is counted by window, to ten seconds', () => {
    const tally = new Tally()
    tally.add(1, false, NOW)
    tally.add(1, true, NOW + 9_999)
    tally.add(1, true, NOW + 10_000)
    expect(tally.measure(NOW, NOW + 9_999)).toMatchObject({ requests: 2, errorRate: 0.5 })
    expect(tally.measure(NOW + 10_000, NOW + 20_000)).toMatchObject({ requests: 1, errorRate: 1 })
    expect(tally.measure(NOW - 20_000, NOW + 90_000)).toMatchObject({ requests: 3 })
    expect(tally.measure(NOW + 20_000, NOW + 90_000)).toBeUndefined()
  })

  test('is right or wrong by what somebody says, asked for or not', () => {
    const tally = new Tally()
    tally.label(true, NOW)
    tally.label(false, NOW)
    expect(tally.measure(NOW, NOW)).toEqual({ requests: 0, labelled: 2, accuracy: 0.5 })
    tally.add(1, false, NOW)
    tally.label(true, NOW + 10_000)
    expect(tally.measure(NOW, NOW + 10_000)).toMatchObject({ requests: 1, labelled: 3, accuracy: 2 / 3 })
    expect(tally.measure(NOW, NOW + 9_999)).toMatchObject({ requests: 1, labelled: 2 })
    const asked = new Tally()
    asked.add(1, false, NOW)
    expect(asked.measure(NOW, NOW)).not.toHaveProperty('accuracy')
  })

  test('of one step of a rollout is not in the next, however short they are', () => {
    const tally = new Tally()
    const count = (now: number) => {
      tally.add(1, true, now)
      tally.label(false, now)
    }
    count(NOW)
    // The traffic moves a little after the step was decided on.
    count(NOW + 1_001)
    tally.begin(NOW + 1_000)
    expect(tally.measure(NOW + 1_000, NOW + 1_002)).toBeUndefined()
    tally.add(1, false, NOW + 1_003)
    tally.label(true, NOW + 1_003)
    expect(tally.measure(NOW + 1_000, NOW + 1_003)).toMatchObject({ requests: 1, errorRate: 0, accuracy: 1 })
    count(NOW + 10_001)
    tally.begin(NOW + 9_999)
    count(NOW + 10_002)
    expect(tally.measure(NOW + 9_999, NOW + 30_000)).toMatchObject({ requests: 1, labelled: 1 })
    expect(tally.measure(NOW, NOW + 30_000)).toMatchObject({ requests: 5, labelled: 5 })
  })

  test('is kept in less detail after an hour, and for a day', () => {
    const tally = new Tally()
    const begin = 600_000 * 1000
    // A request every ten seconds for 26 hours: the first hour of them fails, as every tenth of the last.
    const all = 26 * 360
    for (let i = 0; i < all; i++) {
      tally.add(i < 360 ? 100 : 1, i < 360 || (i >= all - 360 && i % 10 === 0), begin + 10_000 * i)
    }
    const end = begin + 10_000 * all
    expect(tally.measure(end - 3_600_000, end)).toMatchObject({ requests: 360, errorRate: 0.1 })
    const halfway = tally.measure(end - 13 * 3_600_000, end)
    expect(halfway).toMatchObject({ requests: 13 * 360, errorRate: 0.1 / 13 })
    // Ten minutes are in a window whole or not at all.
    expect(tally.measure(end - 13 * 3_600_000 + 1, end)?.requests).toBe(13 * 360 - 60)
    // What is older than a day and an hour is forgotten.
    expect(tally.measure(0, end)).toMatchObject({ requests: 25 * 360, errorRate: 0.1 / 25 })
    expect(tally.measure(0, end)!.p99).toBeLessThan(2)
  })

  test.each([0.01, 0.1, 1, 3.7, 42, 999, 60_000])('p99 of %d ms is at most 19 %% above', milliseconds => {
    const tally = new Tally()
    for (let i = 0; i < 98; i++) tally.add(0, false, NOW)
    tally.add(milliseconds, false, NOW)
    tally.add(milliseconds, false, NOW)
    const { p99 } = tally.measure(NOW, NOW)!
    expect(p99).toBeGreaterThanOrEqual(milliseconds)
    expect(p99).toBeLessThanOrEqual(Math.max(1.19 * milliseconds, 0.1))
  })

  test('one slow request of a hundred is not the p99', () => {
    const tally = new Tally()
    for (let i = 0; i < 99; i++) tally.add(1, false, NOW)
    tally.add(1000, false, NOW)
    expect(tally.measure(NOW, NOW)!.p99).toBeLessThan(2)
  })
})
