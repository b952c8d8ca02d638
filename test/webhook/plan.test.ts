import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { ServiceState } from '../../core/service-protocol.ts'
import { type Desired, type DesiredModel, plan, type Step } from '../../webhook/plan/plan.ts'
import type { ObservedModel } from '../../webhook/plan/state.ts'
import { tell } from '../../webhook/plan/words.ts'

const load = (version: string) => ({ do: 'load', model: 'news', version }) as const
const check = (version: string) => ({ do: 'check', model: 'news', version }) as const
const unload = (version: string) => ({ do: 'unload', model: 'news', version }) as const
const shift = (split: Record<string, number>) => ({ do: 'shift', model: 'news', split }) as const

describe('the plan for one model whose version 2 is wanted', () => {
  const cases: readonly [what: string, observed: ObservedModel | undefined, steps: readonly Step[]][] = [
    ['nothing is there', undefined, [load('2'), check('2'), shift({ 2: 100 })]],
    ['it serves already', { versions: ['2'], traffic: { 2: 100 } }, []],
    ['others have a share of nothing', { versions: ['2'], traffic: { 2: 100, 1: 0 } }, []],
    ['it is loaded without traffic', { versions: ['2'], traffic: {} }, [check('2'), shift({ 2: 100 })]],
    [
      'another serves',
      { versions: ['1'], traffic: { 1: 100 } },
      [load('2'), check('2'), shift({ 2: 100 }), unload('1')],
    ],
    [
      'a shift was interrupted',
      { versions: ['1', '2'], traffic: { 1: 90, 2: 10 } },
      [check('2'), shift({ 2: 100 }), unload('1')],
    ],
    ['old ones were left', { versions: ['1', '2', '3'], traffic: { 2: 100 } }, [unload('1'), unload('3')]],
  ]
  test.each(cases)('%s', (_what, observed, steps) => {
    const models = observed === undefined ? {} : { news: observed }
    expect(plan(new Map([['news', { serve: '2' }]]), { models })).toEqual(steps)
  })
})

describe('the plan for several', () => {
  test('takes models by name and leaves the undesired alone', () => {
    const desired = new Map([
      ['sports', { serve: '1' }],
      ['news', { serve: '1' }],
    ])
    const models = { weather: { versions: ['1', '2'], traffic: { 1: 100 } } }
    const steps = plan(desired, { models })
    expect(steps.map(step => `${step.do} ${step.model}`)).toEqual([
      'load news',
      'check news',
      'shift news',
      'load sports',
      'check sports',
      'shift sports',
    ])
  })

  test.each(['constructor', '__proto__', 'toString'])('a model may be called %s', model => {
    const desired = new Map([[model, { serve: '1' }]])
    const start: ServiceState = { models: {} }
    expect(plan(desired, start)).toHaveLength(3)
    expect(plan(desired, applyAll(plan(desired, start), start))).toEqual([])
  })
})

test.each<[Step, string, string]>([
  [load('2'), 'news 2 is loaded', 'news 2 could not be loaded'],
  [check('2'), 'news 2 answers its golden examples', 'news 2 failed its check'],
  [
    shift({ 1: 90, 2: 10 }),
    'news 1 is given 90 %, news 2 is given 10 %',
    'news 1 could not be given 90 %, news 2 could not be given 10 %',
  ],
  [unload('1'), 'news 1 is unloaded', 'news 1 could not be unloaded'],
])('a person reads %j', (step, done, failed) => {
  expect([tell(step, 'done'), tell(step, 'failed')]).toEqual([done, failed])
})

describe('from any observed state', () => {
  const version = fc.integer({ min: 1, max: 5 }).map(String)
  const name = fc.constantFrom('news', 'sports', 'constructor', '__proto__')
  const observedModel: fc.Arbitrary<ObservedModel> = fc
    .record({
      versions: fc.uniqueArray(version, { maxLength: 4 }),
      weights: fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
    })
    .map(({ versions, weights }) => ({ versions, traffic: split(versions, weights) }))
  const observed: fc.Arbitrary<ServiceState> = fc
    .uniqueArray(fc.tuple(name, observedModel), { selector: ([key]) => key })
    .map(entries => ({ models: Object.fromEntries(entries) }))
  const desired: fc.Arbitrary<Desired> = fc
    .array(fc.tuple(name, fc.record({ serve: version })))
    .map(entries => new Map<string, DesiredModel>(entries))

  test('the steps reach what is wanted, in steps that a target accepts, and leave the rest alone', () => {
    fc.assert(
      fc.property(desired, observed, (wanted, before) => {
        const after = applyAll(plan(wanted, before), before)
        for (const model of new Set([...wanted.keys(), ...Object.keys(before.models)])) {
          const serve = wanted.get(model)?.serve
          const then = own(after, model)
          if (serve === undefined) expect(then).toEqual(own(before, model))
          else {
            expect(then?.versions).toEqual([serve])
            expect(then?.traffic[serve]).toBe(100)
          }
        }
        expect(plan(wanted, after)).toEqual([])
      }),
    )
  })

  test('a model that serves goes on serving after every step, and gets traffic only after its check', () => {
    fc.assert(
      fc.property(desired, observed, (wanted, before) => {
        const checked = new Set<string>()
        let state = before
        for (const step of plan(wanted, before)) {
          if (step.do === 'check') checked.add(`${step.model} ${step.version}`)
          if (step.do === 'shift') {
            for (const shifted of Object.keys(step.split))
              expect(checked).toContain(`${step.model} ${shifted}`)
          }
          state = apply(step, state)
          for (const model of Object.keys(before.models)) {
            if (serves(own(before, model))) expect(serves(own(state, model))).toBe(true)
          }
        }
      }),
    )
  })

  test('each step twice is as good as once', () => {
    fc.assert(
      fc.property(desired, observed, (wanted, before) => {
        const steps = plan(wanted, before)
        const twice = steps.flatMap(step => [step, step])
        expect(applyAll(twice, before)).toEqual(applyAll(steps, before))
      }),
    )
  })

  test('crashes between steps, aliases that move meanwhile and passes without need change nothing in the end', () => {
    const interruption = fc.record({ wanted: desired, stepsTaken: fc.nat(6) })
    fc.assert(
      fc.property(fc.array(interruption), desired, observed, (interruptions, wanted, before) => {
        let state = before
        for (const { wanted: then, stepsTaken } of interruptions) {
          state = applyAll(plan(then, state).slice(0, stepsTaken), state)
        }
        state = applyAll(plan(wanted, state), state)
        for (const [model, { serve }] of wanted) {
          expect(own(state, model)).toEqual({
            versions: [serve],
            traffic: expect.objectContaining({ [serve]: 100 }),
          })
        }
      }),
    )
  })
})

/** Percentages in the proportion of the weights; nothing when all are 0. */
function split(versions: readonly string[], weights: readonly number[]): Record<string, number> {
  const total = versions.reduce((sum, _version, i) => sum + weights[i]!, 0)
  if (total === 0) return {}
  return Object.fromEntries(versions.map((version, i) => [version, (100 * weights[i]!) / total]))
}

function own(state: ServiceState, model: string): ObservedModel | undefined {
  return Object.hasOwn(state.models, model) ? state.models[model] : undefined
}

function serves(model: ObservedModel | undefined): boolean {
  return model?.versions.some(version => (model.traffic[version] ?? 0) > 0) ?? false
}

function applyAll(steps: readonly Step[], state: ServiceState): ServiceState {
  return steps.reduce((now, step) => apply(step, now), state)
}

/** What a target does with a step, refusing what core/service-protocol.ts forbids. */
function apply(step: Step, state: ServiceState): ServiceState {
  const before = own(state, step.model) ?? { versions: [], traffic: {} }
  return { models: Object.fromEntries([...Object.entries(state.models), [step.model, change(step, before)]]) }
}

function change(step: Step, { versions, traffic }: ObservedModel): ObservedModel {
  switch (step.do) {
    case 'load':
      return { versions: [...new Set([...versions, step.version])], traffic }
    case 'check':
      expect(versions).toContain(step.version)
      return { versions, traffic }
    case 'shift':
      for (const version of Object.keys(step.split)) expect(versions).toContain(version)
      expect(Object.values(step.split).reduce((sum, share) => sum + share, 0)).toBe(100)
      return { versions, traffic: step.split }
    case 'shadow':
      return { versions, traffic }
    case 'unload':
      expect(traffic[step.version] ?? 0).toBe(0)
      return { versions: versions.filter(version => version !== step.version), traffic }
  }
}
