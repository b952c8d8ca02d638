import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { observedModel } from '../../webhook/plan/plan.ts'
import type { ObservedModel, Rollout } from '../../webhook/plan/state.ts'
import type { Target, TargetStep, VersionSource } from '../../webhook/targets/target.ts'

/** A place to deploy to, with nothing deployed. */
export interface TargetBench extends AsyncDisposable {
  /** Another deployer of the same place: it remembers nothing. */
  open(): Target
  /** Where a version comes from; each version answers with its own name before every text: `3: rates rise`. */
  source(model: string, version: string): VersionSource
}

/** Names that a registry takes and a cloud may not: some differ only in what a cloud leaves out. */
const HOSTILE = [
  'constructor',
  'news.a',
  'News-A',
  'news-a',
  'a/b "q" \\ $(id)',
  'équipe ☃',
  '新聞',
  '-',
  '9 lives',
  'long'.repeat(60),
]

/** What every target does, whatever it deploys to; a target that needs more is tested for that beside this. */
export function testTargetContract(name: string, openBench: () => Promise<TargetBench>): void {
  describe(`${name}, as a target,`, () => {
    let bench: TargetBench
    let target: Target
    let other: Target
    beforeAll(async () => {
      bench = await openBench()
      target = bench.open()
      other = bench.open()
    })
    afterAll(async () => bench[Symbol.asyncDispose]())

    /** What a deployer that did none of it sees. */
    const seen = async (model: string): Promise<ObservedModel> => observedModel(await other.observe(), model)

    /** Takes a step on what is observed now, or on what is given. */
    async function take(step: TargetStep, observed?: ObservedModel): Promise<void> {
      await target.apply(step, {
        observed: observed ?? (await seen(step.model)),
        source: step.do === 'load' ? bench.source(step.model, step.version) : undefined,
        signal: AbortSignal.timeout(60_000),
      })
    }

    /** Loads versions, and gives the first all of the traffic. */
    async function serve(model: string, version: string, ...others: string[]): Promise<void> {
      for (const each of [version, ...others]) await take({ do: 'load', model, version: each })
      await take({ do: 'shift', model, split: { [version]: 100 } })
    }

    test('has nothing of a model that was never deployed', async () => {
      expect(await seen('never')).toEqual({ versions: [], traffic: {} })
    })

    test('loads a version without traffic, once', async () => {
      for (const _ of [1, 2]) await take({ do: 'load', model: 'load', version: '1' })
      expect(await seen('load')).toMatchObject({ versions: ['1'], traffic: {} })
    })

    test('loads a second version beside the first, which goes on serving', async () => {
      await serve('beside', '1', '2')
      const { versions, traffic } = await seen('beside')
      expect([...versions].sort()).toEqual(['1', '2'])
      expect(traffic).toEqual({ 1: 100 })
    })

    test('gives any loaded version texts, and its answers in their order', async () => {
      await serve('ask', '1', '2')
      const texts = ['rates rise', '', 'the cup ☃\n"']
      for (const version of ['1', '2']) {
        expect(await target.ask('ask', version, texts)).toEqual(texts.map(text => `${version}: ${text}`))
      }
      await expect(target.ask('ask', '3', texts)).rejects.toThrow('3')
    })

    test('shifts all traffic, and again without a change', async () => {
      await serve('shift', '1', '2')
      for (const _ of [1, 2]) await take({ do: 'shift', model: 'shift', split: { 2: 100 } })
      expect((await seen('shift')).traffic).toEqual({ 2: 100 })
    })

    test('splits traffic and keeps the rollout beside it, for another deployer to find', async () => {
      if (!target.can.canary) return expect(target.can.canary).toBe(false)
      await serve('canary', '1', '2')
      const since = Date.parse('2027-01-31T02:00:00.123Z')
      const rollout: Rollout = { version: '2', share: 10, since, before: '1' }
      await take({ do: 'shift', model: 'canary', split: { 1: 90, 2: 10 }, rollout })
      const begun = await seen('canary')
      expect(begun.traffic).toEqual({ 1: 90, 2: 10 })
      expect(begun.rollout).toEqual(rollout)
      const bad: Rollout = { version: '2', share: 0, since, bad: 'errorRate 0.125 of 1000000000' }
      await take({ do: 'shift', model: 'canary', split: { 1: 100 }, rollout: bad })
      expect((await seen('canary')).rollout).toEqual(bad)
      await take({ do: 'shift', model: 'canary', split: { 2: 100 } })
      const ended = await seen('canary')
      expect(ended.traffic).toEqual({ 2: 100 })
      expect(ended.rollout).toBeUndefined()
    })

    test('refuses a shift that was planned on another state, and changes nothing', async () => {
      await serve('stale', '1', '2')
      const before = await seen('stale')
      if (before.revision === undefined) return expect(before.revision).toBeUndefined()
      await take({ do: 'shift', model: 'stale', split: { 2: 100 } }, before)
      const late = take({ do: 'shift', model: 'stale', split: { 1: 50, 2: 50 } }, before)
      await expect(late).rejects.toMatchObject({ code: 'deployment-conflict' })
      expect((await seen('stale')).traffic).toEqual({ 2: 100 })
    })

    test('lets one of two deployers that shift at once through', async () => {
      await serve('race', '1', '2')
      const before = await seen('race')
      if (before.revision === undefined) return expect(before.revision).toBeUndefined()
      const splits = [{ 2: 100 }, { 1: 60, 2: 40 }]
      const outcomes = await Promise.allSettled(
        splits.map(split => take({ do: 'shift', model: 'race', split }, before)),
      )
      const through = splits.filter((_, i) => outcomes[i]!.status === 'fulfilled')
      expect(through).toEqual([(await seen('race')).traffic])
    })

    test('shifts what it loaded a moment before, in one plan', async () => {
      const before = await seen('one-plan')
      await take({ do: 'load', model: 'one-plan', version: '7' }, before)
      await take({ do: 'shift', model: 'one-plan', split: { 7: 100 } }, before)
      expect(await seen('one-plan')).toMatchObject({ versions: ['7'], traffic: { 7: 100 } })
    })

    test('unloads a version that has no traffic, once, and leaves the rest', async () => {
      await serve('unload', '1', '2')
      for (const _ of [1, 2]) await take({ do: 'unload', model: 'unload', version: '2' })
      expect(await seen('unload')).toMatchObject({ versions: ['1'], traffic: { 1: 100 } })
    })

    test('takes a model down with its traffic, once, and can deploy it again', async () => {
      await serve('retire', '1', '2')
      await serve('retire-a', '1')
      for (const _ of [1, 2]) await take({ do: 'retire', model: 'retire' })
      expect(await seen('retire')).toEqual({ versions: [], traffic: {} })
      expect(await seen('retire-a')).toMatchObject({ versions: ['1'], traffic: { 1: 100 } })
      await serve('retire', '2')
      expect(await seen('retire')).toMatchObject({ versions: ['2'], traffic: { 2: 100 } })
    })

    test('does not unload a version that serves', async () => {
      await serve('guard', '1')
      await expect(take({ do: 'unload', model: 'guard', version: '1' })).rejects.toThrow()
      expect(await seen('guard')).toMatchObject({ versions: ['1'], traffic: { 1: 100 } })
    })

    test('shifts no traffic to what is not loaded', async () => {
      await serve('absent', '1')
      const late = take({ do: 'shift', model: 'absent', split: { 9: 100 } })
      await expect(late).rejects.toThrow('9')
      expect((await seen('absent')).traffic).toEqual({ 1: 100 })
    })

    test('keeps models and versions of any name apart', async () => {
      for (const model of HOSTILE) await serve(model, model.length > 200 ? '1' : `${model.length}.0-RC_1`)
      const { models } = await other.observe()
      const found = HOSTILE.map(model => observedModel({ models }, model).traffic)
      expect(found).toEqual(
        HOSTILE.map(model => ({ [model.length > 200 ? '1' : `${model.length}.0-RC_1`]: 100 })),
      )
    })
  })
}
