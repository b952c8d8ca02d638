import { describe, expect, test } from '@jest/globals'
import type { CanaryStep } from '../../webhook/deployment/policy.ts'
import {
  type Desired,
  type DesiredModel,
  type Moment,
  type Plan,
  plan,
  type Step,
} from '../../webhook/plan/plan.ts'
import { planRetirement } from '../../webhook/plan/retire.ts'
import type { Observed, ObservedModel } from '../../webhook/plan/state.ts'
import { retreat, trialWithoutRegistry } from '../../webhook/plan/trials.ts'
import type { Verdict } from '../../webhook/plan/verdict.ts'
import { tell, tellWaiting } from '../../webhook/plan/words.ts'
import { applyStep } from '../support/memory-target.ts'
import * as fc from '../support/properties.ts'

const NOW = Date.UTC(2026, 10, 27)
const MINUTE = 60_000
const AT_ONCE: readonly CanaryStep[] = [{ share: 100, wait: 0 }]
const CANARY: readonly CanaryStep[] = [
  { share: 10, wait: 10 * MINUTE },
  { share: 50, wait: 5 * MINUTE },
  { share: 100, wait: 2 * MINUTE },
]

const load = (version: string) => ({ do: 'load', model: 'news', version }) as const
const check = (version: string) => ({ do: 'check', model: 'news', version }) as const
const keep = (version: string) => ({ do: 'keep', model: 'news', version }) as const
const unload = (version: string) => ({ do: 'unload', model: 'news', version }) as const
const shadow = (version: string, share: number) => ({ do: 'shadow', model: 'news', version, share }) as const
const reject = (version: string) => ({ do: 'reject', model: 'news', version, reason: 'slow' }) as const
/** @param since of a rollout of version 2, before which version 1 served */
const shift = (split: Record<string, number>, since?: number) => ({
  ...{ do: 'shift', model: 'news', split },
  ...(since !== undefined && { rollout: { version: '2', share: split['2']!, since, before: '1' } }),
})
/** Takes a version's traffic back. */
const back = (to: string, version: string) => ({
  ...{ do: 'shift', model: 'news', split: { [to]: 100 } },
  rollout: { version, share: 0, since: NOW, bad: SLOW.brief },
})

interface Case {
  readonly when: string
  readonly wanted?: Partial<DesiredModel>
  readonly observed?: ObservedModel
  readonly verdict?: Verdict
  /** Of version 3. */
  readonly besideIs?: Verdict
  readonly steps: readonly object[]
  /** Minutes from now. */
  readonly wakes?: number
  /** Until when it waits for requests, in minutes from now. */
  readonly lacksUntil?: number
}

const GOOD = { is: 'good' } as const
const SLOW = { is: 'bad', reason: 'slow', brief: 'p99 900 of 50' } as const
const few = { is: 'few', had: '3 of 50 requests', unit: 'requests' } as const
const beside = (as: 'load' | 'canary' | 'shadow', share: number) => ({ beside: { version: '3', as, share } })
const rolling = (share: number, minutesAgo: number, traffic: Record<string, number>): ObservedModel => ({
  versions: ['1', '2'],
  traffic,
  rollout: { version: '2', share, since: NOW - minutesAgo * MINUTE, before: '1' },
})
/** Version 2 was bad while the registry was away. */
const takenBack: ObservedModel = {
  versions: ['1', '2'],
  traffic: { 1: 100 },
  rollout: { version: '2', share: 0, since: NOW, bad: 'p99 900 of 50' },
}

/** Version 2 is wanted, at once unless a case says otherwise. */
const CASES: readonly Case[] = [
  { when: 'nothing is there', steps: [load('2'), check('2'), keep('2'), shift({ 2: 100 })] },
  { when: 'it serves already', observed: { versions: ['2'], traffic: { 2: 100 } }, steps: [] },
  {
    when: 'others have a share of nothing',
    observed: { versions: ['2'], traffic: { 2: 100, 1: 0 } },
    steps: [],
  },
  {
    when: 'it is loaded',
    observed: { versions: ['2'], traffic: {} },
    steps: [check('2'), keep('2'), shift({ 2: 100 })],
  },
  {
    when: 'another serves',
    observed: { versions: ['1'], traffic: { 1: 100 } },
    steps: [load('2'), check('2'), keep('1'), keep('2'), shift({ 2: 100 })],
  },
  {
    when: 'a shift was interrupted',
    observed: { versions: ['1', '2'], traffic: { 1: 90, 2: 10 } },
    steps: [check('2'), keep('1'), keep('2'), shift({ 2: 100 })],
  },
  {
    when: 'old ones were left',
    observed: { versions: ['1', '2', '3'], traffic: { 2: 100 } },
    steps: [unload('1'), unload('3')],
  },
  {
    when: 'traffic goes to what is not loaded',
    observed: { versions: ['2'], traffic: { 1: 100 } },
    steps: [check('2'), keep('2'), shift({ 2: 100 })],
  },
  // In steps
  {
    when: 'a rollout begins',
    wanted: { steps: CANARY },
    observed: { versions: ['1'], traffic: { 1: 100 } },
    steps: [load('2'), check('2'), keep('1'), shift({ 2: 10, 1: 90 }, NOW)],
  },
  {
    when: 'nothing served before a rollout',
    wanted: { steps: CANARY },
    steps: [load('2'), check('2'), keep('2'), shift({ 2: 100 })],
  },
  {
    when: 'a step has to last',
    wanted: { steps: CANARY },
    observed: rolling(10, 4, { 1: 90, 2: 10 }),
    steps: [],
    wakes: 6,
  },
  {
    when: 'a step has lasted',
    wanted: { steps: CANARY },
    observed: rolling(10, 10, { 1: 90, 2: 10 }),
    steps: [check('2'), shift({ 2: 50, 1: 50 }, NOW)],
  },
  {
    when: 'the last step is due',
    wanted: { steps: CANARY },
    observed: rolling(50, 6, { 1: 50, 2: 50 }),
    steps: [check('2'), shift({ 2: 100 }, NOW)],
  },
  {
    when: 'it is watched with all traffic',
    wanted: { steps: CANARY },
    observed: rolling(100, 1, { 2: 100 }),
    steps: [],
    wakes: 1,
  },
  {
    when: 'it was watched',
    wanted: { steps: CANARY },
    observed: rolling(100, 2, { 2: 100 }),
    steps: [keep('2'), shift({ 2: 100 }), unload('1')],
  },
  {
    when: 'the clock was ahead when a step began',
    wanted: { steps: CANARY },
    observed: rolling(10, -90, { 1: 90, 2: 10 }),
    steps: [shift({ 2: 10, 1: 90 }, NOW)],
  },
  {
    when: 'somebody moved the traffic by hand',
    wanted: { steps: CANARY },
    observed: rolling(10, 4, { 1: 20, 2: 80 }),
    steps: [shift({ 2: 10, 1: 90 }, NOW)],
  },
  {
    when: 'the version was lost in a rollout',
    wanted: { steps: CANARY },
    observed: { ...rolling(10, 4, { 1: 90, 2: 10 }), versions: ['1'] },
    steps: [load('2'), check('2'), shift({ 2: 10, 1: 90 }, NOW)],
  },
  {
    when: 'what served before was lost in a rollout',
    wanted: { steps: CANARY },
    observed: { ...rolling(10, 4, { 1: 90, 2: 10 }), versions: ['2'] },
    steps: [shift({ 2: 100 }, NOW)],
  },
  {
    when: 'the alias moved in a rollout of another',
    wanted: { steps: CANARY },
    observed: {
      versions: ['1', '3'],
      traffic: { 1: 90, 3: 10 },
      rollout: { version: '3', share: 10, since: NOW },
    },
    steps: [load('2'), check('2'), keep('1'), shift({ 2: 10, 1: 90 }, NOW)],
  },
  {
    when: 'it is bad',
    wanted: { steps: CANARY },
    observed: rolling(10, 1, { 1: 90, 2: 10 }),
    verdict: SLOW,
    steps: [back('1', '2'), reject('2')],
  },
  {
    when: 'it is bad while it is watched',
    wanted: { steps: CANARY },
    observed: rolling(100, 1, { 2: 100 }),
    verdict: SLOW,
    steps: [back('1', '2'), reject('2')],
  },
  {
    when: 'it is bad, and nothing is left to go back to',
    wanted: { steps: CANARY },
    observed: { ...rolling(100, 1, { 2: 100 }), versions: ['2'] },
    verdict: SLOW,
    steps: [reject('2')],
  },
  {
    when: 'its traffic was taken back while the registry was away',
    wanted: { steps: CANARY },
    observed: takenBack,
    steps: [
      {
        ...reject('2'),
        reason: 'p99 900 of 50 requests at 2026-11-27T00:00:00.000Z, when the registry could not be told',
      },
    ],
  },
  {
    when: 'its traffic was taken back, the registry knows it, and somebody took the tag away',
    wanted: { steps: CANARY, noted: true },
    observed: takenBack,
    steps: [check('2'), keep('1'), shift({ 2: 10, 1: 90 }, NOW)],
  },
  {
    when: 'what was measured is of another rollout',
    wanted: { steps: CANARY },
    observed: { versions: ['1'], traffic: { 1: 100 }, rollout: { version: '1', share: 100, since: NOW } },
    verdict: SLOW,
    steps: [load('2'), check('2'), keep('1'), shift({ 2: 10, 1: 90 }, NOW)],
  },
  {
    when: 'a step has lasted, with too few requests',
    wanted: { steps: CANARY, patience: 60 * MINUTE },
    observed: rolling(10, 12, { 1: 90, 2: 10 }),
    verdict: few,
    steps: [],
    wakes: 1,
    lacksUntil: 58,
  },
  {
    when: 'it has waited for requests long enough',
    wanted: { steps: CANARY, patience: 60 * MINUTE },
    observed: rolling(10, 70, { 1: 90, 2: 10 }),
    verdict: few,
    steps: [check('2'), shift({ 2: 50, 1: 50 }, NOW)],
  },
  {
    when: 'it is watched with all traffic, and nobody asks',
    wanted: { steps: CANARY, patience: 60 * MINUTE },
    observed: rolling(100, 61.5, { 2: 100 }),
    verdict: few,
    steps: [],
    wakes: 0.5,
    lacksUntil: 0.5,
  },
  {
    when: 'few requests are enough to go by where nothing is waited for',
    wanted: { steps: CANARY, patience: 0 },
    observed: rolling(50, 5, { 1: 50, 2: 50 }),
    verdict: few,
    steps: [check('2'), shift({ 2: 100 }, NOW)],
  },
  {
    when: 'it takes over from what is bad',
    wanted: { steps: CANARY, urgent: true },
    observed: {
      versions: ['2', '3'],
      traffic: { 2: 90, 3: 10 },
      rollout: { version: '3', share: 10, since: NOW },
    },
    steps: [keep('2'), shift({ 2: 100 })],
  },
  {
    when: 'it serves again, and the registry knows what was bad',
    wanted: { urgent: true, noted: true },
    observed: {
      versions: ['2', '3'],
      traffic: { 2: 100 },
      rollout: { version: '3', share: 0, since: NOW, bad: 'p99 900 of 50' },
    },
    steps: [shift({ 2: 100 }), unload('3')],
  },
  // Beside it
  {
    when: 'a challenger is to be ready',
    wanted: beside('load', 0),
    observed: { versions: ['2'], traffic: { 2: 100 } },
    steps: [load('3'), check('3')],
  },
  {
    when: 'a challenger is to have a share',
    wanted: beside('canary', 5),
    observed: { versions: ['2'], traffic: { 2: 100 } },
    steps: [load('3'), check('3'), shift({ 2: 95, 3: 5 })],
  },
  {
    when: 'it has it',
    wanted: beside('canary', 5),
    observed: { versions: ['2', '3'], traffic: { 2: 95, 3: 5 } },
    steps: [],
  },
  {
    when: 'its share has changed',
    wanted: beside('canary', 20),
    observed: { versions: ['2', '3'], traffic: { 2: 95, 3: 5 } },
    steps: [shift({ 2: 80, 3: 20 })],
  },
  {
    when: 'champion and challenger have changed places',
    wanted: { ...beside('canary', 5), steps: CANARY },
    observed: { versions: ['2', '3'], traffic: { 3: 95, 2: 5 } },
    steps: [
      check('2'),
      keep('3'),
      { ...shift({ 2: 10, 3: 90 }), rollout: { version: '2', share: 10, since: NOW, before: '3' } },
    ],
  },
  {
    when: 'they have, and the first step has to last',
    wanted: { ...beside('canary', 5), steps: CANARY },
    observed: {
      versions: ['2', '3'],
      traffic: { 2: 10, 3: 90 },
      rollout: { version: '2', share: 10, since: NOW - 4 * MINUTE, before: '3' },
    },
    steps: [],
    wakes: 6,
  },
  {
    when: 'a challenger is bad',
    wanted: beside('canary', 5),
    observed: { versions: ['2', '3'], traffic: { 2: 95, 3: 5 } },
    besideIs: SLOW,
    steps: [back('2', '3'), reject('3')],
  },
  {
    when: 'a challenger that gets copies is bad',
    wanted: beside('shadow', 50),
    observed: { versions: ['2', '3'], traffic: { 2: 100 }, shadow: { 3: 50 } },
    besideIs: SLOW,
    steps: [reject('3')],
  },
  {
    when: 'a challenger that gets copies is bad during a rollout',
    wanted: { ...beside('shadow', 50), steps: CANARY },
    observed: { ...rolling(10, 1, { 1: 90, 2: 10 }), shadow: { 3: 50 } },
    besideIs: SLOW,
    steps: [reject('3')],
  },
  {
    when: 'there is no challenger any more',
    observed: { versions: ['2', '3'], traffic: { 2: 95, 3: 5 } },
    steps: [check('2'), keep('2'), shift({ 2: 100 })],
  },
  {
    when: 'a challenger is to be shadowed',
    wanted: beside('shadow', 50),
    observed: { versions: ['2'], traffic: { 2: 100 } },
    steps: [load('3'), check('3'), shadow('3', 50)],
  },
  {
    when: 'another was shadowed',
    wanted: beside('shadow', 50),
    observed: { versions: ['2', '3', '4'], traffic: { 2: 100 }, shadow: { 4: 50, 3: 50 } },
    steps: [shadow('4', 0), unload('4')],
  },
]

describe('the plan for one model whose version 2 is wanted', () => {
  test.each(CASES)('$when', ({ wanted, observed, verdict = GOOD, besideIs = GOOD, ...expected }) => {
    const { steps, wakes, lacksUntil = 0 } = expected
    const desired = new Map([['news', { serve: '2', steps: AT_ONCE, ...wanted }]])
    const models = observed === undefined ? {} : { news: observed }
    const verdicts = new Map([
      [
        'news',
        new Map([
          ['2', verdict],
          ['3', besideIs],
        ]),
      ],
    ])
    expect(plan(desired, { models }, { now: NOW, verdicts })).toEqual({
      steps,
      ...(wakes !== undefined && { wakeAt: NOW + wakes * MINUTE }),
      ...(lacksUntil && {
        lacks: [
          { model: 'news', version: '2', had: few.had, unit: few.unit, until: NOW + lacksUntil * MINUTE },
        ],
      }),
    })
  })
})

test('several models are taken by name, and the undesired are left alone', () => {
  const desired = new Map([
    ['sports', { serve: '1', steps: AT_ONCE }],
    ['news', { serve: '1', steps: AT_ONCE }],
  ])
  const models = { weather: { versions: ['1', '2'], traffic: { 1: 100 } } }
  const { steps } = plan(desired, { models }, { now: NOW })
  expect(steps.map(step => `${step.do} ${step.model}`)).toEqual([
    'load news',
    'check news',
    'keep news',
    'shift news',
    'load sports',
    'check sports',
    'keep sports',
    'shift sports',
  ])
})

test.each<[string, ObservedModel | undefined, readonly object[]]>([
  ['serves', { versions: ['1'], traffic: { 1: 100 } }, [{ do: 'retire', model: 'news' }]],
  ['is left without a version', { versions: [], traffic: {} }, [{ do: 'retire', model: 'news' }]],
  ['is gone, but for what others put there', { versions: [], traffic: { x: 100 }, foreign: true }, []],
  ['is not there', undefined, []],
])('a retired model that %s', (_, observed, steps) => {
  expect(planRetirement('news', { models: observed ? { news: observed } : {} })).toEqual({ steps })
  expect(planRetirement('constructor', { models: {} })).toEqual({ steps: [] })
})

test.each<[Step, string, string, string]>([
  [
    { do: 'retire', model: 'news' },
    'news is taken down',
    'news could not be taken down',
    'news is to be taken down',
  ],
  [load('2'), 'news 2 is loaded', 'news 2 could not be loaded', 'news 2 is to be loaded'],
  [
    shift({ 1: 90, 2: 10 }) as Step,
    'news 1 is given 90 %, news 2 is given 10 %',
    'news 1 could not be given 90 %, news 2 could not be given 10 %',
    'news 1 is to be given 90 %, news 2 is to be given 10 %',
  ],
  [
    shadow('2', 5),
    'news 2 is given copies of 5 % of the requests',
    'news 2 could not be given copies of 5 % of the requests',
    'news 2 is to be given copies of 5 % of the requests',
  ],
  [
    reject('2'),
    'news 2 is rejected: slow',
    'news 2 could not be rejected: slow',
    'news 2 is to be rejected: slow',
  ],
])('a person reads %j', (step, done, failed, due) => {
  expect([tell(step, 'done'), tell(step, 'failed'), tell(step, 'due')]).toEqual([done, failed, due])
})

test.each<[Plan, string | undefined]>([
  [{ steps: [] }, undefined],
  [{ steps: [], wakeAt: NOW }, 'waits until 2026-11-27T00:00:00.000Z'],
  [
    {
      steps: [],
      wakeAt: 0,
      lacks: [{ model: 'news', version: '2', had: few.had, unit: few.unit, until: NOW }],
    },
    '2 had 3 of 50 requests: it waits for more until 2026-11-27T00:00:00.000Z, and then its golden examples decide',
  ],
])('a person reads what %j waits for', (waiting, told) => {
  expect(tellWaiting(waiting)).toBe(told)
})

describe('from any observed state', () => {
  const version = fc.integer({ min: 1, max: 5 }).map(String)
  const name = fc.constantFrom('news', 'sports', 'constructor', '__proto__')
  const share = fc.integer({ min: 1, max: 100 })
  const observedModel: fc.Arbitrary<ObservedModel> = fc
    .record({
      versions: fc.uniqueArray(version, { maxLength: 4 }),
      weights: fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
      shadow: fc.dictionary(version, fc.integer({ min: 0, max: 100 }), { maxKeys: 2 }),
      rollout: fc.option(
        fc.record(
          {
            version,
            share,
            since: fc.integer({ min: NOW - 1e7, max: NOW + 1e7 }),
            before: version,
            bad: fc.constant('slow'),
          },
          { requiredKeys: ['version', 'share', 'since'] },
        ),
        { nil: undefined },
      ),
    })
    .map(({ versions, weights, shadow, rollout }) => ({
      versions,
      traffic: split(versions, weights),
      shadow: Object.fromEntries(Object.entries(shadow).filter(([each]) => versions.includes(each))),
      ...(rollout && { rollout }),
    }))
  const observed: fc.Arbitrary<Observed> = fc
    .uniqueArray(fc.tuple(name, observedModel), { selector: ([key]) => key })
    .map(entries => ({ models: Object.fromEntries(entries) }))
  const steps = fc
    .uniqueArray(
      fc.tuple(
        fc.integer({ min: 1, max: 99 }),
        fc.nat(60).map(minutes => minutes * MINUTE),
      ),
      {
        selector: ([each]) => each,
        maxLength: 3,
      },
    )
    .map(pairs => [
      ...pairs.sort(([a], [b]) => a - b).map(([each, wait]) => ({ share: each, wait })),
      { share: 100, wait: 0 },
    ])
  const besides = fc.option(
    fc.record({
      version,
      as: fc.constantFrom('load' as const, 'canary' as const, 'shadow' as const),
      share: fc.integer({ min: 1, max: 99 }),
    }),
    { nil: undefined },
  )
  const desiredModel: fc.Arbitrary<DesiredModel> = fc
    .record({ serve: version, steps, beside: besides, urgent: fc.boolean() })
    .map(({ serve, steps, beside, urgent }) => ({
      ...{ serve, steps, urgent },
      ...(beside !== undefined && beside.version !== serve && { beside }),
    }))
  const desired: fc.Arbitrary<Desired> = fc
    .array(fc.tuple(name, desiredModel))
    .map(entries => new Map<string, DesiredModel>(entries))

  test('looking and planning again and again reaches what is wanted, and leaves the rest alone', () => {
    fc.assert(
      fc.property(desired, observed, (wanted, before) => {
        const { state, now } = settle(wanted, before)
        for (const model of new Set([...wanted.keys(), ...Object.keys(before.models)])) {
          const own = wanted.get(model)
          if (own === undefined) expect(of(state, model)).toEqual(of(before, model))
          else expectServed(of(state, model), own)
        }
        expect(plan(wanted, state, { now })).toEqual({ steps: [] })
      }),
    )
  })

  test('a model that serves goes on serving after every step', () => {
    fc.assert(
      fc.property(desired, observed, (wanted, before) => {
        settle(wanted, before, {
          watch(was, is) {
            for (const model of Object.keys(was.models)) {
              if (serves(of(was, model))) expect(serves(of(is, model))).toBe(true)
            }
          },
        })
      }),
    )
  })

  test('a version gets its first traffic only after its check, but for one that served before', () => {
    fc.assert(
      fc.property(desired, observed, (wanted, before) => {
        const checked = new Set<string>()
        settle(wanted, before, {
          watch(was, _is, step) {
            if (step.do === 'check') checked.add(`${step.model} ${step.version}`)
            if (step.do !== 'shift' || wanted.get(step.model)?.urgent) return
            for (const each of Object.keys(step.split)) {
              if (!of(was, step.model)?.traffic[each]) expect(checked).toContain(`${step.model} ${each}`)
            }
          },
        })
      }),
    )
  })

  test('each step twice is as good as once', () => {
    fc.assert(
      fc.property(desired, observed, (wanted, before) => {
        const { steps } = plan(wanted, before, { now: NOW })
        const twice = steps.flatMap(step => [step, step])
        expect(applyAll(twice, before)).toEqual(applyAll(steps, before))
      }),
    )
  })

  test('crashes, aliases that move, two deployers by turns: in the end there is what was wanted last', () => {
    const interruption = fc.record({ wanted: desired, taken: fc.nat(6), passes: fc.nat(1e7) })
    fc.assert(
      fc.property(fc.array(interruption), desired, observed, (interruptions, wanted, before) => {
        let state = before
        let now = NOW
        for (const { wanted: then, taken, passes } of interruptions) {
          state = applyAll(plan(then, state, { now }).steps.slice(0, taken), state)
          now += passes
        }
        const { state: after } = settle(wanted, state, { from: now })
        for (const [model, own] of wanted) expectServed(of(after, model), own)
      }),
    )
  })

  test('with too few requests no share grows before the step has lasted and waited, and in the end all is as it is wanted', () => {
    const patience = fc.nat(20).map(minutes => minutes * MINUTE)
    const moved = { version: '1', share: 1, since: NOW - 1e7 }
    const two = [2, 100].map(share => ({ share, wait: 0 }))
    const longest: [DesiredModel, number, ObservedModel] = [
      { serve: '1', steps: two },
      20 * MINUTE,
      { versions: ['1', '2'], traffic: { 1: 0, 2: 100 }, rollout: moved },
    ]
    fc.assert(
      fc.property(desiredModel, patience, observedModel, (own, patient, model) => {
        const wanted = { ...own, patience: patient }
        const desires = new Map([['news', wanted]])
        const verdicts = new Map([['news', new Map([[own.serve, few]])]])
        const { state } = settle(
          desires,
          { models: { news: model } },
          {
            verdicts,
            watch(was, is, step, now) {
              const [before, after] = [of(was, 'news')!, of(is, 'news')!]
              if (step.do !== 'shift') return
              const { rollout } = before
              const grows = (after.traffic[own.serve] ?? 0) > (before.traffic[own.serve] ?? 0)
              const inStep = rollout?.version === own.serve && rollout.share === before.traffic[own.serve]
              const serves = before.versions.includes(own.serve)
              if (!grows || !inStep || !serves || own.urgent || rollout.since > now) return
              const { wait } = own.steps.findLast(each => each.share <= rollout.share) ?? { wait: 0 }
              expect(now).toBeGreaterThanOrEqual(rollout.since + wait + patient)
            },
          },
        )
        expectServed(of(state, 'news'), wanted)
      }),
      { examples: [longest] },
    )
  })

  test('what was measured bad loses its traffic to what served, and is rejected; nothing else is done', () => {
    fc.assert(
      fc.property(desiredModel, observedModel, (own, model) => {
        const verdicts = new Map([['news', new Map([[own.serve, SLOW]])]])
        const before = { models: { news: model } }
        const { steps } = plan(new Map([['news', own]]), before, { now: NOW, verdicts })
        const { rollout } = model
        if (rollout?.bad !== undefined) {
          return expect(steps).toMatchObject([{ do: 'reject', version: rollout.version }])
        }
        if (own.urgent || rollout?.version !== own.serve) {
          return expect(steps.map(step => step.do)).not.toContain('reject')
        }
        expect(steps.at(-1)).toEqual({ do: 'reject', model: 'news', version: own.serve, reason: 'slow' })
        const after = of(applyAll(steps, before), 'news')!
        const others = model.versions.filter(each => each !== own.serve)
        const refuge = others.some(each => each === rollout.before || (model.traffic[each] ?? 0) > 0)
        if (!refuge) return expect(after).toEqual(model)
        expect(after.traffic[own.serve] ?? 0).toBe(0)
        expect(after.rollout).toEqual({ version: own.serve, share: 0, since: NOW, bad: SLOW.brief })
        // Whoever looks next rejects it, should the registry not have been told.
        const again = plan(new Map([['news', own]]), { models: { news: after } }, { now: NOW })
        expect(again.steps).toMatchObject([{ do: 'reject', version: own.serve }])
      }),
    )
  })

  test('without a registry only a version on trial loses its traffic, once, and something goes on serving', () => {
    const policies = fc.option(
      fc.record({
        alias: fc.constant('challenger'),
        as: fc.constantFrom('load' as const, 'canary' as const, 'shadow' as const),
        share: fc.integer({ min: 1, max: 99 }),
      }),
      { nil: undefined },
    )
    fc.assert(
      fc.property(policies, observedModel, (policy, model) => {
        const trial = trialWithoutRegistry(model, policy)
        if (trial === undefined) return
        expect(model.rollout === undefined ? trial.as : trial.version).toBe(
          model.rollout === undefined ? 'canary' : model.rollout.version,
        )
        const before = { models: { news: model } }
        const after = of(applyAll(retreat('news', trial.version, 'slow', model, NOW), before), 'news')!
        if (after === model) return
        expect(serves(after)).toBe(true)
        expect(after.traffic[trial.version] ?? 0).toBe(0)
        expect(trialWithoutRegistry(after, policy)).toBeUndefined()
      }),
    )
  })
})

interface Settling {
  readonly verdicts?: Moment['verdicts']
  readonly watch?: (was: Observed, is: Observed, step: Step, now: number) => void
  readonly from?: number
}

/** Plans and applies until there is nothing to do; where a step has to last, the time passes. */
function settle(
  wanted: Desired,
  before: Observed,
  { verdicts = new Map(), watch, from = NOW }: Settling = {},
): { state: Observed; now: number } {
  let state = before
  let now = from
  const noted = new Map(wanted)
  // With too few requests a version is looked at each second, for twenty minutes of each of five steps.
  for (let round = 0; round < 10_000; round++) {
    const { steps, wakeAt } = plan(noted, state, { now, verdicts })
    if (steps.length === 0 && wakeAt === undefined) return { state, now }
    for (const step of steps) {
      const next = applyStep(step, state)
      if (step.do === 'reject') noted.set(step.model, { ...noted.get(step.model)!, noted: true })
      watch?.(state, next, step, now)
      state = next
    }
    if (steps.length === 0) now = wakeAt!
  }
  throw new Error('the plan never ends')
}

function expectServed(model: ObservedModel | undefined, { serve, beside }: DesiredModel): void {
  const shared = beside?.as === 'canary' ? beside.share : 0
  const shadowed = beside?.as === 'shadow' ? beside.share : 0
  expect([...model!.versions].sort()).toEqual([serve, ...(beside ? [beside.version] : [])].sort())
  expect(model!.traffic[serve]).toBe(100 - shared)
  if (beside !== undefined) expect(model!.traffic[beside.version] ?? 0).toBe(shared)
  if (beside !== undefined) expect(model!.shadow?.[beside.version] ?? 0).toBe(shadowed)
}

/** Whole percentages in the proportion of the weights; nothing when all are 0. */
function split(versions: readonly string[], weights: readonly number[]): Record<string, number> {
  const total = versions.reduce((sum, _version, i) => sum + weights[i]!, 0)
  if (total === 0) return {}
  const shares = versions.map((_version, i) => Math.floor((100 * weights[i]!) / total))
  const largest = shares.indexOf(Math.max(...shares))
  shares[largest]! += 100 - shares.reduce((sum, each) => sum + each, 0)
  return Object.fromEntries(versions.map((version, i) => [version, shares[i]!]))
}

function of(state: Observed, model: string): ObservedModel | undefined {
  return Object.hasOwn(state.models, model) ? state.models[model] : undefined
}

function serves(model: ObservedModel | undefined): boolean {
  return model?.versions.some(version => (model.traffic[version] ?? 0) > 0) ?? false
}

function applyAll(steps: readonly Step[], state: Observed): Observed {
  return steps.reduce((now, step) => applyStep(step, now), state)
}
