import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as setImmediatePromise, setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { PressroomError } from '../../core/errors.ts'
import { randomFrom } from '../../core/random.ts'
import { readConnection } from '../../core/registry/mlflow/connection.ts'
import { MlflowRegistry } from '../../core/registry/mlflow/registry.ts'
import { digestFolder } from '../../core/storage/digest.ts'
import { createDeployer } from '../../webhook/deployer.ts'
import { DEFAULT_MODEL, DEFAULT_POLICY, type ModelPolicy } from '../../webhook/deployment/policy.ts'
import { GOOD_TAG, REJECTED_TAG } from '../../webhook/plan/desired.ts'
import { observedModel } from '../../webhook/plan/plan.ts'
import { type ReconcileEvent, reconcile } from '../../webhook/reconcile.ts'
import type { Measured, Target } from '../../webhook/targets/target.ts'
import { eventually } from '../support/eventually.ts'
import { type DeployedRegistry, type MemoryRegistry, memoryRegistry } from '../support/memory-registry.ts'
import { type MemoryTarget, memoryTarget } from '../support/memory-target.ts'
import { mlflowServer } from '../support/mlflow-server.ts'
import { sealHeadlines } from '../support/models.ts'
import { tempFolder } from '../support/temp.ts'

/*
 * Rollouts in memory, with everything that can happen to a deployer meanwhile: it is killed, it loses events, somebody
 * else works at the same time, clocks and registries fail.
 */

const MINUTE = 60_000
const START = 1_000_000_000

/** Every model by this policy. */
const policyWith = (own: Partial<ModelPolicy>) => ({
  ...DEFAULT_POLICY,
  others: { ...DEFAULT_MODEL, ...own },
})

const steps = [
  { share: 10, wait: 10 * MINUTE },
  { share: 50, wait: 10 * MINUTE },
  { share: 100, wait: 0 },
]
const HOUR = 60 * MINUTE
const policy = policyWith({ steps, limits: { errorRate: 0.02, requests: 10, within: 8 * HOUR } })

let files = ''
beforeAll(async () => {
  files = await mkdtemp(join(tmpdir(), 'pressroom-faults-'))
  // Its golden examples are headlines of Sports, and so is what the target answers where it is to be right.
  await sealHeadlines(files, undefined, 1)
})
afterAll(() => rm(files, { recursive: true }))

const healthy: Measured = { requests: 100, errorRate: 0.001 }
const failing: Measured = { requests: 100, errorRate: 0.5 }

/** Champion 1 serves, and the alias has moved to version 2. */
function world(measured: (version: string) => Measured | undefined = () => healthy) {
  const registry = memoryRegistry(files)
  registry.add('news', '1')
  registry.add('news', '2')
  registry.point('news', 'champion', '2')
  const target = memoryTarget({ measured: (_model, version) => measured(version) })
  target.edit('news', { versions: ['1'], traffic: { 1: 100 } })
  // What golden examples are asked for is another test's subject.
  const quiet: Target = { ...target, ask: async (_model, _version, texts) => answers(texts) }
  return { registry, target, quiet }
}

/** The labels that the sealed model gives, read by the test and not by the deployer. */
let golden = new Map<string, string>()
function answers(texts: readonly string[]): string[] {
  return texts.map(text => golden.get(text) ?? 'nothing')
}
beforeAll(async () => {
  const { readModelFolder } = await import('../../core/model/folder.ts')
  const { info } = await readModelFolder(files)
  golden = new Map(info.golden.map(({ text, label }) => [text, label]))
})

/** Passes every five minutes, as timers and waits would bring them, until nothing waits. */
async function untilSettled(
  registry: DeployedRegistry,
  target: Target,
  from = START,
  report: (event: ReconcileEvent) => void = () => {},
) {
  let now = from
  for (let pass = 0; pass < 30; pass++) {
    const { wakeAt: next, failures } = await reconcile({ registry, target, policy, now: () => now, report })
    if (next === undefined && failures.length === 0) return now
    now = Math.max(now + 1, next ?? now + MINUTE)
  }
  throw new Error('it never settles')
}

const tagsOf = (registry: MemoryRegistry, version: string) => registry.models.news!.versions[version]!.tags
const stateOf = (target: MemoryTarget) => {
  const { versions, traffic, rollout } = observedModel(target.state(), 'news')
  return { versions, traffic, ...(rollout && { rollout }) }
}

class Killed extends Error {}

/** Both, which die before or after the n-th call: nothing that is asked after that is answered. */
function mortal(registry: DeployedRegistry, target: Target, lastCall: number, effect: boolean) {
  let calls = 0
  let dead = false
  const wrap = <T extends object>(whole: T): T =>
    new Proxy(whole, {
      get(object, key) {
        const value = Reflect.get(object, key)
        if (typeof value !== 'function') return value
        return async (...args: unknown[]) => {
          if (dead) throw new Killed()
          calls += 1
          const dies = calls === lastCall
          if (dies && !effect) dead = true
          if (dead) throw new Killed()
          const result = await value.apply(object, args)
          if (dies) dead = true
          if (dead) throw new Killed()
          return result
        }
      },
    })
  return { registry: wrap(registry), target: wrap(target), calls: () => calls, isDead: () => dead }
}

describe.each<[string, (version: string) => Measured | undefined, string]>([
  ['a good version', () => healthy, '2'],
  ['a bad version', version => (version === '2' ? failing : healthy), '1'],
])('a rollout of %s', (_what, measured, ends) => {
  test('ends the same wherever the deployer is killed, and answers throughout', async () => {
    const whole = world(measured)
    const counter = mortal(whole.registry, whole.quiet, Number.POSITIVE_INFINITY, true)
    await untilSettled(counter.registry, counter.target)
    const end = stateOf(whole.target)
    expect(end).toEqual({ versions: [ends], traffic: { [ends]: 100 } })
    // The times in them differ.
    const tagged = (each: MemoryRegistry) => ['1', '2'].map(version => Object.keys(tagsOf(each, version)))
    const tags = tagged(whole.registry)

    expect(counter.calls()).toBeGreaterThan(20)
    for (let call = 1; call <= counter.calls(); call++) {
      for (const effect of [false, true]) {
        const { registry, target, quiet } = world(measured)
        let unanswered = 0
        const watched = watch(quiet, () => {
          if (!answersNow(target)) unanswered += 1
        })
        const first = mortal(registry, watched, call, effect)
        let now = START
        for (let pass = 0; pass < 30 && !first.isDead(); pass++) {
          const { wakeAt: next } = await reconcile({
            registry: first.registry,
            target: first.target,
            policy,
            now: () => now,
          })
          now = Math.max(now + 1, next ?? now + MINUTE)
        }
        await untilSettled(registry, watched, now + 1)
        expect({ call, effect, unanswered, end: stateOf(target) }).toEqual({
          call,
          effect,
          unanswered: 0,
          end,
        })
        expect(tagged(registry)).toEqual(tags)
      }
    }
  })

  test('ends the same with two deployers at once', async () => {
    const { registry, target, quiet } = world(measured)
    let now = START
    for (let pass = 0; pass < 30; pass++) {
      const both = [registry, registry].map(each =>
        reconcile({ registry: each, target: quiet, policy, now: () => now }),
      )
      const passes = await Promise.all(both)
      expect(answersNow(target)).toBe(true)
      now = Math.max(now + 1, ...passes.map(({ wakeAt: next }) => next ?? now + MINUTE))
    }
    expect(stateOf(target)).toEqual({ versions: [ends], traffic: { [ends]: 100 } })
  })
})

function watch(target: Target, look: () => void): Target {
  return {
    ...target,
    async apply(step, context) {
      await target.apply(step, context)
      look()
    },
  }
}

/** Whether a request would be answered now. */
function answersNow(target: MemoryTarget): boolean {
  const { versions, traffic } = observedModel(target.state(), 'news')
  const shares = Object.entries(traffic).filter(([, share]) => share > 0)
  return shares.length > 0 && shares.every(([version]) => versions.includes(version))
}

/** A registry that answers nothing while it is away; `reads` has it list its models all the same. */
function leaving(registry: MemoryRegistry, isAway: () => boolean, reads = false): DeployedRegistry {
  return new Proxy<DeployedRegistry>(registry, {
    get(object, key) {
      const value = Reflect.get(object, key)
      if (typeof value !== 'function') return value
      return async (...args: unknown[]) => {
        if (isAway() && !(reads && key !== 'setVersionTag')) {
          throw new PressroomError('server-unreachable', 'the registry is away')
        }
        return value.apply(object, args)
      }
    },
  })
}

describe('a registry away for an hour', () => {
  const end = { versions: ['1'], traffic: { 1: 100 } }

  test.each([
    ['at all', false],
    ['for tags', true],
  ])('%s: a bad version loses its traffic meanwhile, and is rejected afterwards', async (_what, reads) => {
    const away = { now: false }
    let errors = healthy
    const { registry, target, quiet } = world(version => (version === '2' ? errors : healthy))
    const lines: string[] = []
    const pass = (minutes: number) =>
      reconcile({
        registry: leaving(registry, () => away.now, reads),
        target: quiet,
        policy,
        now: () => START + minutes * MINUTE,
        report: ({ line }) => lines.push(line),
      })
    await pass(0)
    away.now = true
    await pass(2)
    expect(stateOf(target).traffic).toEqual({ 1: 90, 2: 10 })
    errors = failing
    for (let minute = 3; minute < 60; minute += 3) {
      await pass(minute)
      const rollout = { version: '2', share: 0, since: START + 3 * MINUTE, bad: 'errorRate 0.5 of 100' }
      expect(stateOf(target)).toEqual({ versions: ['1', '2'], traffic: { 1: 100 }, rollout })
    }
    expect(tagsOf(registry, '2')).toEqual({})
    if (!reads) {
      expect(lines).toContain(
        'memory: news 2 has lost its traffic\n  it was measured: 50 % of its requests failed, the limit is 2 %; of 100 requests\n  it is rejected when the registry can be told; until then the target remembers it',
      )
    }
    // What it does by then no longer counts: it has no traffic.
    errors = healthy
    away.now = false
    await pass(61)
    const at = new Date(START + 3 * MINUTE).toISOString()
    const reason = `errorRate 0.5 of 100 requests at ${at}, when the registry could not be told`
    expect(tagsOf(registry, '2')).toEqual({ [REJECTED_TAG]: reason })
    expect(stateOf(target)).toEqual(end)
    await untilSettled(registry, quiet, START + 62 * MINUTE)
    expect(stateOf(target)).toEqual(end)
  })

  test('while the last step is watched: the version that served before takes over', async () => {
    let errors = healthy
    const { registry, target, quiet } = world(version => (version === '2' ? errors : healthy))
    const watched = policyWith({ ...policy.others, steps: [{ share: 100, wait: 30 * MINUTE }] })
    const isAway = { now: false }
    const pass = (minutes: number) =>
      reconcile({
        registry: leaving(registry, () => isAway.now),
        target: quiet,
        policy: watched,
        now: () => START + minutes * MINUTE,
      })
    await pass(0)
    expect(stateOf(target).traffic).toEqual({ 2: 100 })
    isAway.now = true
    errors = failing
    await pass(1)
    expect(stateOf(target).traffic).toEqual({ 1: 100 })
    isAway.now = false
    await pass(61)
    expect([stateOf(target), Object.keys(tagsOf(registry, '2'))]).toEqual([end, [REJECTED_TAG]])
  })

  test('silent rather than refusing: it is waited for only while nothing is to be done without it', async () => {
    let errors = healthy
    const { registry, target, quiet } = world(version => (version === '2' ? errors : healthy))
    await reconcile({ registry, target: quiet, policy, now: () => START })
    for (const silent of ['searchModels', 'searchVersions']) {
      errors = healthy
      const rollout = { version: '2', share: 10, since: START }
      target.edit('news', { versions: ['1', '2'], traffic: { 1: 90, 2: 10 }, rollout })
      const answer = Promise.withResolvers<never>()
      const mute = { ...registry, [silent]: () => answer.promise }
      const now = () => START + MINUTE
      const pass = reconcile({ registry: mute, target: quiet, policy, now, patience: 20 })
      const early = await Promise.race([pass, sleep(100, 'waits')])
      expect(early).toBe('waits')
      errors = failing
      const { failures } = await pass
      expect(failures.map(({ error }) => error.message.split('\n')[0])).toEqual([
        'the registry has not answered for 0.02 s',
        'news 2 has lost its traffic',
      ])
      expect(stateOf(target).traffic).toEqual({ 1: 100 })
      // It is given up, whatever becomes of it.
      answer.reject(new Error('too late'))
    }
  })

  test('an alias that was taken away meanwhile: the version is rejected all the same, and what serves is left', async () => {
    let errors = healthy
    const { registry, target, quiet } = world(version => (version === '2' ? errors : healthy))
    const isAway = { now: false }
    const there = leaving(registry, () => isAway.now)
    const pass = (minutes: number) =>
      reconcile({ registry: there, target: quiet, policy, now: () => START + minutes * MINUTE })
    await pass(0)
    isAway.now = true
    errors = failing
    await pass(1)
    isAway.now = false
    registry.point('news', 'champion', undefined)
    expect((await pass(61)).failures).toMatchObject([{ model: 'news', rejected: true }])
    expect(Object.keys(tagsOf(registry, '2'))).toEqual([REJECTED_TAG])
    expect((await pass(62)).failures).toEqual([])
    expect(stateOf(target)).toMatchObject({ versions: ['1', '2'], traffic: { 1: 100 } })
  })

  test('ends the same wherever the deployer is killed, and two of them do no harm', async () => {
    const story = async (call: number, effect: boolean, deployers: number) => {
      let errors = healthy
      let away = false
      const { registry, target, quiet } = world(version => (version === '2' ? errors : healthy))
      let unanswered = 0
      const watched = watch(quiet, () => void (answersNow(target) || unanswered++))
      const there = leaving(registry, () => away)
      const first = mortal(there, watched, call, effect)
      for (let minute = 0; minute < 90; minute += 5) {
        if (minute === 5) errors = failing
        away = minute >= 5 && minute < 65
        const now = () => START + minute * MINUTE
        const dead = first.isDead()
        const own = dead ? { registry: there, target: watched } : first
        const passes = Array.from({ length: deployers }, () => reconcile({ ...own, policy, now }))
        await Promise.all(passes)
        // It was killed in this pass, and another looks a little later.
        if (!dead && first.isDead()) await reconcile({ registry: there, target: watched, policy, now })
        if (minute >= 10)
          expect({ call, effect, traffic: stateOf(target).traffic }).toEqual({
            call,
            effect,
            traffic: { 1: 100 },
          })
      }
      expect({ call, effect, unanswered, end: stateOf(target) }).toEqual({ call, effect, unanswered: 0, end })
      expect(Object.keys(tagsOf(registry, '2'))).toEqual([REJECTED_TAG])
      return first.calls()
    }
    const calls = await story(Number.POSITIVE_INFINITY, true, 1)
    expect(calls).toBeGreaterThan(20)
    for (let call = 1; call <= calls; call++) {
      for (const effect of [false, true]) await story(call, effect, 1)
    }
    await story(Number.POSITIVE_INFINITY, true, 2)
  })
})

describe('a challenger', () => {
  const lines: string[] = []
  const pass = (registry: DeployedRegistry, target: Target, as: 'canary' | 'shadow', minutes = 0) => {
    const own = policyWith({ limits: policy.others.limits, beside: { alias: 'challenger', as, share: 20 } })
    const report = ({ line }: ReconcileEvent) => void lines.push(line)
    return reconcile({ registry, target, policy: own, now: () => START + minutes * MINUTE, report })
  }
  /** Champion 1 serves, and version 2 stands beside it. */
  function duel() {
    const state = { errors: healthy }
    const all = world(version => (version === '2' ? state.errors : healthy))
    all.registry.point('news', 'champion', '1')
    all.registry.point('news', 'challenger', '2')
    return { ...all, state }
  }
  const alone = { versions: ['1'], traffic: { 1: 100 } }

  test.each([
    ['canary', { traffic: { 1: 80, 2: 20 } }, 'news 1 takes 80 %, and 2 takes 20 % beside it'],
    [
      'shadow',
      { traffic: { 1: 100 }, shadow: { 2: 20 } },
      'news 1 takes 100 %, and 2 gets copies of 20 % beside it',
    ],
  ] as const)('that gets a %s share and is bad loses it and is rejected', async (as, beside, told) => {
    const { registry, target, quiet, state } = duel()
    await pass(registry, quiet, as)
    expect(lines.at(-1)).toBe(`memory: ${told}`)
    expect(observedModel(target.state(), 'news')).toMatchObject({ versions: ['1', '2'], ...beside })
    await pass(registry, quiet, as, 5)
    expect(observedModel(target.state(), 'news')).toMatchObject(beside)
    state.errors = failing
    const { failures } = await pass(registry, quiet, as, 10)
    expect(failures).toMatchObject([{ model: 'news', rejected: true }])
    const reason = '50 % of its requests failed, the limit is 2 %; of 100 requests'
    expect(failures[0]!.error.message).toBe(`news 2 is rejected: ${reason}; news 1 goes on serving`)
    expect(tagsOf(registry, '2')).toEqual({ [REJECTED_TAG]: reason })
    expect(stateOf(target)).toEqual(alone)
    // It stays out.
    state.errors = healthy
    expect((await pass(registry, quiet, as, 100)).failures).toEqual([])
    expect(stateOf(target)).toEqual(alone)
  })

  test('that is bad while the registry is away loses its share, and is rejected afterwards', async () => {
    const { registry, target, quiet, state } = duel()
    let away = false
    const there = leaving(registry, () => away)
    await pass(there, quiet, 'canary')
    state.errors = failing
    away = true
    await pass(there, quiet, 'canary', 10)
    await pass(there, quiet, 'canary', 20)
    expect(stateOf(target)).toMatchObject({ traffic: { 1: 100 }, rollout: { version: '2', share: 0 } })
    away = false
    await pass(there, quiet, 'canary', 70)
    expect(Object.keys(tagsOf(registry, '2'))).toEqual([REJECTED_TAG])
    expect(stateOf(target)).toEqual(alone)
  })

  test('that was asked too little keeps what it has', async () => {
    const { registry, target, quiet, state } = duel()
    state.errors = { requests: 3, errorRate: 0 }
    await pass(registry, quiet, 'canary')
    expect(await pass(registry, quiet, 'canary', 600)).toEqual({ failures: [], wakeAt: undefined })
    expect(stateOf(target).traffic).toEqual({ 1: 80, 2: 20 })
  })
})

describe('what a rollout meets', () => {
  test('a version that was rejected stays out until its tag is removed', async () => {
    let errors: Measured = failing
    const { registry, target, quiet } = world(version => (version === '2' ? errors : healthy))
    const lines: string[] = []
    const now = await untilSettled(registry, quiet, START, ({ line }) => lines.push(line))
    const reason = '50 % of its requests failed, the limit is 2 %; of 100 requests'
    expect(tagsOf(registry, '2')).toEqual({ [REJECTED_TAG]: reason })
    expect(Object.keys(tagsOf(registry, '1'))).toEqual([GOOD_TAG])
    expect(lines).toContain(
      `memory: news 2 @champion is held: it was rejected (${reason}); remove its tag ${REJECTED_TAG} to try again`,
    )
    errors = healthy
    const later = await untilSettled(registry, quiet, now + 100 * MINUTE)
    expect(stateOf(target).traffic).toEqual({ 1: 100 })
    registry.add('news', '2')
    await untilSettled(registry, quiet, later + MINUTE)
    expect(stateOf(target)).toEqual({ versions: ['2'], traffic: { 2: 100 } })
  })

  test('a target that loses everything during a rollout serves the last good version, and the rollout begins again', async () => {
    const { registry, target, quiet } = world()
    await reconcile({ registry, target: quiet, policy, now: () => START })
    target.edit('news', { versions: [], traffic: {} })
    const steps: string[] = []
    target.onStep = ({ do: kind }) => steps.push(`${kind} ${JSON.stringify(stateOf(target).traffic)}`)
    const { wakeAt: next } = await reconcile({ registry, target: quiet, policy, now: () => START + MINUTE })
    expect(steps).toEqual(['load {}', 'shift {"1":100}', 'load {"1":100}', 'shift {"1":90,"2":10}'])
    expect(next).toBe(START + 11 * MINUTE)
  })

  test('a step says that it is labels it waits for, however many requests come', async () => {
    const { registry, target, quiet } = world(() => ({ requests: 1000, errorRate: 0, labelled: 0 }))
    const lines: string[] = []
    const limits = { ...policy.others!.limits, accuracy: 0.8 }
    const labels = { ...policy, others: { ...policy.others!, limits } }
    for (const now of [START, START + 10 * MINUTE]) {
      await reconcile({
        registry,
        target: quiet,
        policy: labels,
        now: () => now,
        report: ({ line }) => lines.push(line),
      })
    }
    expect(lines.at(-1)).toContain('news 2 takes 10 % and waits for labelled requests to judge it by until')
    expect(stateOf(target).traffic).toEqual({ 1: 90, 2: 10 })
  })

  test('a night in which nobody asks: the step waits for the morning, and for no longer than is said', async () => {
    let requests = 0
    const { registry, target, quiet } = world(() => ({ requests, errorRate: 0 }))
    const lines: string[] = []
    const pass = (now: number) =>
      reconcile({ registry, target: quiet, policy, now: () => now, report: ({ line }) => lines.push(line) })
    await pass(START)
    for (let now = START + 10 * MINUTE; now < START + 6 * HOUR; now += 10 * MINUTE) {
      expect((await pass(now)).wakeAt).toBe(now + MINUTE)
    }
    const until = new Date(START + 10 * MINUTE + 8 * HOUR).toISOString()
    const told = `memory: news 2 takes 10 % and waits for requests to judge it by until ${until}, when its golden examples decide`
    expect(new Set(lines.slice(-10))).toEqual(new Set([told]))
    expect(stateOf(target).traffic).toEqual({ 1: 90, 2: 10 })
    requests = 10
    await pass(START + 6 * HOUR)
    expect(stateOf(target).traffic).toEqual({ 1: 50, 2: 50 })
    // Nobody asks any more: the golden examples decide when the time is over.
    requests = 9
    await pass(START + 14 * HOUR)
    expect(stateOf(target).traffic).toEqual({ 1: 50, 2: 50 })
    await pass(START + 14 * HOUR + 10 * MINUTE)
    expect(stateOf(target).traffic).toEqual({ 2: 100 })
  })

  test('an alias that goes back to a version that was good moves all traffic at once', async () => {
    const { registry, target, quiet } = world()
    const lines: string[] = []
    const report = ({ line }: ReconcileEvent) => void lines.push(line)
    const now = await untilSettled(registry, quiet, START, report)
    registry.point('news', 'champion', '1')
    const { wakeAt: next } = await reconcile({ registry, target: quiet, policy, now: () => now, report })
    expect([next, stateOf(target)]).toEqual([undefined, { versions: ['1'], traffic: { 1: 100 } }])
    // Told when it is noted, and not when it was noted before: version 2 when it came in, but not when it was replaced.
    const noted = lines.filter(line => line.endsWith('is noted as good'))
    expect(noted.map(line => line.split(' ')[2])).toEqual(['1', '2', '1'])
  })

  test('an alias that is taken away midway: the step stays, and a bad version loses its traffic all the same', async () => {
    let errors = healthy
    const { registry, target, quiet } = world(version => (version === '2' ? errors : healthy))
    const pass = (minutes: number) =>
      reconcile({ registry, target: quiet, policy, now: () => START + minutes * MINUTE })
    await pass(0)
    registry.point('news', 'champion', undefined)
    await pass(60)
    expect(stateOf(target)).toMatchObject({ traffic: { 1: 90, 2: 10 } })
    errors = failing
    expect((await pass(61)).failures).toMatchObject([{ model: 'news', rejected: true }])
    expect(stateOf(target)).toMatchObject({ traffic: { 1: 100 } })
    expect(Object.keys(tagsOf(registry, '2'))).toEqual([REJECTED_TAG])
    expect((await pass(62)).failures).toEqual([])
  })

  test('a version that was deleted while it serves: it serves on, and the next champion replaces it', async () => {
    const { registry, target, quiet } = world()
    delete registry.models.news!.versions['1']
    registry.point('news', 'champion', undefined)
    await untilSettled(registry, quiet)
    expect(stateOf(target)).toEqual({ versions: ['1'], traffic: { 1: 100 } })
    registry.point('news', 'champion', '2')
    await untilSettled(registry, quiet, START + MINUTE)
    expect(stateOf(target)).toEqual({ versions: ['2'], traffic: { 2: 100 } })
  })

  test('an hour without the registry, and an endpoint edited by hand', async () => {
    const { registry, target, quiet } = world()
    const first = await reconcile({ registry, target: quiet, policy, now: () => START })
    expect(first.wakeAt).toBe(START + 10 * MINUTE)
    const away = {
      ...registry,
      searchModels: () => Promise.reject(new PressroomError('server-unreachable', 'away')),
    }
    const during = await reconcile({
      registry: away,
      target: quiet,
      policy,
      now: () => START + 11 * MINUTE,
    })
    expect(during).toMatchObject({ failures: [{ model: undefined, error: { code: 'server-unreachable' } }] })
    expect(stateOf(target).traffic).toEqual({ 1: 90, 2: 10 })
    target.edit('news', { ...observedModel(target.state(), 'news'), traffic: { 1: 20, 2: 80 } })
    await reconcile({ registry, target: quiet, policy, now: () => START + 70 * MINUTE })
    expect(stateOf(target).traffic).toEqual({ 1: 90, 2: 10 })
    await untilSettled(registry, quiet, START + 80 * MINUTE)
    expect(stateOf(target)).toEqual({ versions: ['2'], traffic: { 2: 100 } })
  })

  test('an MLflow server that is away for an hour: what serves stays, and what changed meanwhile is brought in', async () => {
    await using temp = await tempFolder()
    await using server = await mlflowServer()
    const connection = {
      ...readConnection(server.url, {}),
      attempts: 2,
      pauseSeconds: 0.001,
      timeoutSeconds: 5,
    }
    await using registry = new MlflowRegistry(connection, join(temp.path, 'cache'))
    const register = async (c: number) => {
      const folder = join(temp.path, `${c}`)
      await sealHeadlines(folder, undefined, c)
      return registry.registerVersion({ name: 'news', folder, digest: await digestFolder(folder) })
    }
    await register(1)
    await registry.setAlias('news', 'champion', '1')
    const target = memoryTarget()
    const quiet: Target = { ...target, ask: async (_model, _version, texts) => answers(texts) }
    const serving = async (version: string, from: number) => {
      const now = await untilSettled(registry, quiet, from)
      expect(stateOf(target)).toEqual({ versions: [version], traffic: { [version]: 100 } })
      return now
    }
    const left = await serving('1', START)
    server.fault = () => 'lost'
    for (let now = left; now < left + 60 * MINUTE; now += 5 * MINUTE) {
      const { failures } = await reconcile({ registry, target: quiet, policy, now: () => now })
      expect(failures).toMatchObject([{ model: undefined, error: { code: 'server-unreachable' } }])
      expect(stateOf(target)).toEqual({ versions: ['1'], traffic: { 1: 100 } })
    }
    server.fault = () => undefined
    await register(3)
    await registry.setAlias('news', 'champion', '2')
    await serving('2', left + 60 * MINUTE)
  })

  test.each<[string, (registry: MemoryRegistry) => void, RegExp]>([
    [
      'a source elsewhere',
      registry => registry.add('news', '2', { source: 's3://elsewhere/2' }),
      /is held: its source "s3:\/\/elsewhere\/2" is not within the registry's own store/,
    ],
    [
      'a source that steps out',
      registry => registry.add('news', '2', { source: 'file:///registry/%2e%2e/etc' }),
      /is not a plain address/,
    ],
    [
      'a version that is gone',
      registry => delete registry.models.news!.versions['2'],
      /news 2 @champion is held: the registry does not have it any more/,
    ],
  ])('%s keeps the version out', async (_what, change, line) => {
    const { registry, target, quiet } = world()
    change(registry)
    const lines: string[] = []
    await untilSettled(registry, quiet, START, event => lines.push(event.line))
    expect(lines.join('\n')).toMatch(line)
    expect(stateOf(target)).toEqual({ versions: ['1'], traffic: { 1: 100 } })
  })

  test('a target that lost what it had is looked at soon, however long another failure has lasted', async () => {
    const { registry, quiet } = world()
    const heard: ((reason: PressroomError) => void)[] = []
    const failed = new PressroomError('deployment-failed', 'no room')
    const apply = () => Promise.reject(failed)
    const broken: Target = { ...quiet, apply, onLost: listener => void heard.push(listener) }
    let failures = 0
    const timers = jest.spyOn(globalThis, 'setTimeout')
    await using deployer = createDeployer({
      registry,
      target: broken,
      report: ({ kind }) => {
        if (kind === 'failed') failures += 1
      },
    })
    deployer.wake()
    await eventually(() => failures === 3)
    await deployer.settled()
    timers.mockClear()
    for (const listener of heard) listener(failed)
    expect(timers.mock.calls.map(([, delay]) => delay)).toEqual([100])
    timers.mockRestore()
  })

  test('gates: tags, metrics of the run, approval', async () => {
    const { registry, target, quiet } = world()
    const gates = {
      tags: { validation_status: 'passed' },
      metrics: { accuracy: 0.8 },
      approval: 'approved_by',
    }
    const pass = async () => {
      const lines: string[] = []
      const gated = policyWith({ gates })
      await reconcile({
        registry,
        target: quiet,
        policy: gated,
        now: () => START,
        report: ({ line }) => lines.push(line),
      })
      return lines[0]
    }
    expect(await pass()).toBe(
      'memory: news 2 @champion is held: its tag validation_status is not set, not "passed"; its run has no metric accuracy, of which 0.8 is the least; nobody has approved it: its tag approved_by is not set',
    )
    registry.add('news', '2', { tags: { validation_status: 'passed', approved_by: 'mia' } })
    registry.metrics['2'] = { accuracy: 0.79 }
    expect(await pass()).toMatch(/is held: its accuracy is 0.79, below 0.8$/)
    registry.metrics['2'] = { accuracy: 0.8 }
    await pass()
    expect(stateOf(target).traffic).toEqual({ 2: 100 })
  })
})

describe('many models', () => {
  const names = Array.from({ length: 30 }, (_, i) => `model-${String(i).padStart(2, '0')}`)
  /** Thirty models whose version 1 is to serve; loads end when they are let. */
  function many() {
    const registry = memoryRegistry(files)
    for (const name of names) {
      registry.add(name, '1')
      registry.point(name, 'champion', '1')
    }
    const target = memoryTarget()
    const calls: string[] = []
    const counted = new Proxy<DeployedRegistry>(registry, {
      get(object, key) {
        calls.push(String(key))
        return Reflect.get(object, key)
      },
    })
    const loads = { now: 0, most: 0, gates: new Map<string, Promise<void>>() }
    const slow: Target = {
      ...target,
      ask: async (_model, _version, texts) => answers(texts),
      async apply(step, context) {
        if (step.do === 'load') {
          loads.now += 1
          loads.most = Math.max(loads.most, loads.now)
          await (loads.gates.get(step.model) ?? setImmediatePromise())
          loads.now -= 1
        }
        await target.apply(step, context)
      },
    }
    const served = () => names.filter(name => observedModel(target.state(), name).traffic['1'] === 100)
    return { registry, counted, target, slow, loads, calls, served }
  }

  test('are worked on at once, ten of them at most, each by its steps in order; one that fails stops no other', async () => {
    const { counted, target, slow, loads, calls, served } = many()
    const taken = new Map<string, string[]>()
    const failing: Target = {
      ...slow,
      async apply(step, context) {
        if (step.model === names[3]) throw new PressroomError('deployment-failed', 'no room')
        await slow.apply(step, context)
        taken.set(step.model, [...(taken.get(step.model) ?? []), step.do])
      },
    }
    const { failures } = await reconcile({ registry: counted, target: failing, now: () => START })
    expect(failures.map(({ model }) => model)).toEqual([names[3]])
    expect(served()).toEqual(names.filter(name => name !== names[3]))
    expect(new Set([...taken.values()].map(String))).toEqual(new Set(['load,shift']))
    expect(loads.most).toBe(10)
    // The second look is at what was acted on, one by one.
    expect(calls.filter(call => call === 'searchModels')).toHaveLength(1)
    expect(target.state().models[names[3]!]).toBeUndefined()
    // At rest they cost one list.
    await reconcile({ registry: counted, target: slow, now: () => START })
    calls.length = 0
    expect(await reconcile({ registry: counted, target: slow, now: () => START })).toMatchObject({
      failures: [],
    })
    expect(calls).toEqual(['searchModels'])
  })

  test('one that loads slowly holds up neither the others nor what is heard of them later', async () => {
    const { registry, target, slow, loads, served } = many()
    const gate = Promise.withResolvers<void>()
    loads.gates.set(names[0]!, gate.promise)
    const events: string[] = []
    await using deployer = createDeployer({ registry, target: slow, report: ({ line }) => events.push(line) })
    deployer.wake()
    await eventually(() => served().length === names.length - 1)
    registry.add(names[1]!, '2')
    registry.point(names[1]!, 'champion', '2')
    // What happens to the slow one meanwhile is seen when it is loaded.
    registry.add(names[0]!, '2')
    registry.point(names[0]!, 'champion', '2')
    deployer.wake()
    await eventually(() => observedModel(target.state(), names[1]!).traffic['2'] === 100)
    expect(observedModel(target.state(), names[0]!).versions).toEqual([])
    expect(events.filter(line => line.includes('nothing to do'))).toEqual([])
    gate.resolve()
    await deployer.settled()
    for (const name of names.slice(0, 2)) {
      expect(observedModel(target.state(), name)).toMatchObject({ versions: ['2'], traffic: { 2: 100 } })
    }
  })

  test('one that waited for its turn is looked at again before it is acted on', async () => {
    const { registry, target, slow, loads } = many()
    const gate = Promise.withResolvers<void>()
    for (const name of names.slice(0, 10)) loads.gates.set(name, gate.promise)
    const pass = reconcile({ registry, target: slow, now: () => START })
    await eventually(() => loads.now === 10)
    const last = names.at(-1)!
    registry.add(last, '2')
    registry.point(last, 'champion', '2')
    const taken: string[] = []
    target.onStep = step =>
      void (step.model === last && 'version' in step && taken.push(`${step.do} ${step.version}`))
    gate.resolve()
    await pass
    expect(taken).toEqual(['load 2'])
  })
})

test('10,000 events, a third repeated, a third late, one in ten lost: each model ends where its alias points', async () => {
  const { next, unit } = randomFrom(7)
  const registry = memoryRegistry(files)
  const target = memoryTarget({ measured: () => healthy })
  const quiet: Target = { ...target, ask: async (_model, _version, texts) => answers(texts) }
  const models = ['news', 'sports', '__proto__', "a'b/../c"]
  for (const model of models)
    for (let version = 1; version <= 5; version++) registry.add(model, String(version))
  const quick = policyWith({
    steps: [
      { share: 20, wait: 3 },
      { share: 100, wait: 0 },
    ],
  })
  let now = START
  let unanswered = 0
  const serving = new Set<string>()
  target.onStep = ({ model }) => {
    const { traffic, versions } = observedModel(target.state(), model)
    const answered = Object.keys(traffic).some(version => traffic[version]! > 0 && versions.includes(version))
    if (answered) serving.add(model)
    else if (serving.has(model)) unanswered += 1
  }
  const pass = () => reconcile({ registry, target: quiet, policy: quick, now: () => now })
  // Ten events fall together at each tick, and their deliveries, on time, late or again, wake one pass as in the deployer.
  const ticks = Array.from({ length: 10_000 / 10 + 20 }, () => ({ deliveries: 0 }))
  for (let event = 0; event < 10_000; event++) {
    if (unit() < 0.1) continue
    const tick = Math.floor(event / 10) + (unit() < 1 / 3 ? next(9) : 0)
    ticks[tick]!.deliveries += 1
    if (unit() < 1 / 3) ticks[tick + next(10)]!.deliveries += 1
  }
  for (const [tick, { deliveries }] of ticks.entries()) {
    now += 1
    for (let event = 10 * tick; event < Math.min(10 * tick + 10, 10_000); event++) {
      registry.point(models[next(models.length)]!, 'champion', String(1 + next(5)))
    }
    if (deliveries > 0) await pass()
  }
  for (let turn = 0; turn < 20; turn++) {
    now += 10
    await pass()
  }
  expect(ticks.reduce((sum, { deliveries }) => sum + deliveries, 0)).toBeGreaterThan(10_000)
  expect(unanswered).toBe(0)
  for (const model of models) {
    const { champion } = registry.models[model]!.aliases
    expect(observedModel(target.state(), model)).toMatchObject({
      versions: [champion],
      traffic: { [champion!]: 100 },
    })
  }
})
