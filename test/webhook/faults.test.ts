import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { PressroomError } from '../../core/errors.ts'
import { readModelFolder } from '../../core/model/folder.ts'
import { randomFrom } from '../../core/random.ts'
import { DEFAULT_MODEL, DEFAULT_POLICY, type DeploymentPolicy } from '../../webhook/deployment/policy.ts'
import type { LookOptions } from '../../webhook/look.ts'
import { observedModel } from '../../webhook/plan/plan.ts'
import { type ReconcileEvent, reconcile } from '../../webhook/reconcile.ts'
import type { Measured, Target } from '../../webhook/targets/target.ts'
import { type MemoryRegistry, memoryRegistry } from '../support/memory-registry.ts'
import { type MemoryTarget, memoryTarget } from '../support/memory-target.ts'
import { sealHeadlines } from '../support/models.ts'
import { tempFolder } from '../support/temp.ts'

/*
 * Rollouts in memory, with what can happen to a deployer meanwhile: it is killed, it loses events, somebody else works at
 * the same time, the registry is away, a hand edits the endpoint.
 */

const MINUTE = 60_000
const START = 1_000_000_000
/** Passes after which a rollout of a few steps is long over. */
const MOST_PASSES = 30
/** Events between two passes of the soak. */
const TOGETHER = 25

const policyWith = (steps: readonly { share: number; wait: number }[]): DeploymentPolicy => ({
  ...DEFAULT_POLICY,
  others: { ...DEFAULT_MODEL, steps, limits: { errorRate: 0.02, requests: 10 } },
})
const policy = policyWith([
  { share: 10, wait: 10 * MINUTE },
  { share: 50, wait: 10 * MINUTE },
  { share: 100, wait: 10 * MINUTE },
])

const healthy: Measured = { requests: 100, errorRate: 0.001 }
const failing: Measured = { requests: 100, errorRate: 0.5 }

type LookedAt = LookOptions['registry']

let folder: Awaited<ReturnType<typeof tempFolder>>
/** The labels that the sealed model gave its golden examples. */
let golden: ReadonlyMap<string, string>
beforeAll(async () => {
  folder = await tempFolder()
  await sealHeadlines(folder.path)
  const { info } = await readModelFolder(folder.path)
  golden = new Map(info.golden.map(({ text, label }) => [text, label]))
})
afterAll(async () => folder[Symbol.asyncDispose]())

/** Champion 1 serves, and the alias has moved to version 2. */
function world(measured: (version: string) => Measured = () => healthy) {
  const registry = memoryRegistry(folder.path)
  registry.add('news', '1')
  registry.add('news', '2')
  registry.point('news', 'champion', '2')
  const memory = memoryTarget({ measured: (_model, version) => measured(version) })
  memory.edit('news', { versions: ['1'], traffic: { 1: 100 } })
  return { registry, memory, target: answering(memory) }
}

/** The target, whose versions answer as the sealed model does. */
function answering(memory: MemoryTarget): Target {
  return {
    ...memory,
    ask: async (_model, _version, texts) => texts.map(text => golden.get(text) ?? 'nothing'),
  }
}

/** Passes as the deployer's timers bring them, until nothing waits; gives the time then. */
async function untilSettled(
  registry: LookedAt,
  target: Target,
  from = START,
  report: (event: ReconcileEvent) => void = () => {},
): Promise<number> {
  let now = from
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const { wakeAt, failures } = await reconcile({ registry, target, policy, now: () => now, report })
    if (wakeAt === undefined && failures.length === 0) return now
    now = Math.max(now + 1, wakeAt ?? now + MINUTE)
  }
  throw new Error('it never settles')
}

const tagsOf = ({ models }: MemoryRegistry) =>
  Object.values(models.news!.versions).map(({ version, tags }) => [version, Object.keys(tags)])

function stateOf(memory: MemoryTarget, model = 'news') {
  // The mark of the last step stays with the traffic.
  const { versions, traffic } = observedModel(memory.state(), model)
  return { versions, traffic }
}

/** Whether a request would be answered now, whichever version it falls to. */
function answersNow(memory: MemoryTarget, model = 'news'): boolean {
  const { versions, traffic } = observedModel(memory.state(), model)
  const served = Object.keys(traffic).filter(version => traffic[version]! > 0)
  return served.length > 0 && served.every(version => versions.includes(version))
}

/** Registry and target of a deployer that dies at its n-th call, before or after that has its effect: nothing answers it any more. */
function mortal(registry: LookedAt, target: Target, last: number, effect: boolean) {
  let calls = 0
  let dead = false
  const alive = () => {
    if (dead) throw new Error('the deployer is dead')
  }
  const wrap = <T extends object>(whole: T): T =>
    new Proxy(whole, {
      get(object, key) {
        const value = Reflect.get(object, key)
        if (typeof value !== 'function') return value
        return async (...args: unknown[]) => {
          calls += 1
          if (calls === last && !effect) dead = true
          alive()
          const result = await value.apply(object, args)
          if (calls >= last) dead = true
          alive()
          return result
        }
      },
    })
  return { registry: wrap(registry), target: wrap(target), calls: () => calls, isDead: () => dead }
}

describe.each<[string, (version: string) => Measured, string]>([
  ['a good version', () => healthy, '2'],
  ['a bad version', version => (version === '2' ? failing : healthy), '1'],
])('a rollout of %s', (_what, measured, ends) => {
  const end = { versions: [ends], traffic: { [ends]: 100 } }

  test('ends the same wherever the deployer is killed, and every request is answered meanwhile', async () => {
    const whole = world(measured)
    const counted = mortal(whole.registry, whole.target, Number.POSITIVE_INFINITY, true)
    await untilSettled(counted.registry, counted.target)
    expect(stateOf(whole.memory)).toEqual(end)
    const tags = tagsOf(whole.registry)
    expect(counted.calls()).toBeGreaterThan(20)

    for (let call = 1; call <= counted.calls(); call++) {
      for (const effect of [false, true]) {
        const { registry, memory, target } = world(measured)
        let unanswered = 0
        const watched: Target = {
          ...target,
          async apply(step, context) {
            await target.apply(step, context)
            if (!answersNow(memory)) unanswered += 1
          },
        }
        const first = mortal(registry, watched, call, effect)
        let now = START
        for (let pass = 0; pass < MOST_PASSES && !first.isDead(); pass++) {
          const { wakeAt } = await reconcile({
            registry: first.registry,
            target: first.target,
            policy,
            now: () => now,
          })
          now = Math.max(now + 1, wakeAt ?? now + MINUTE)
        }
        await untilSettled(registry, watched, now)
        const run = { call, effect, unanswered, end: stateOf(memory), tags: tagsOf(registry) }
        expect(run).toEqual({ call, effect, unanswered: 0, end, tags })
      }
    }
  })

  test('ends the same with two deployers at once', async () => {
    const { registry, memory, target } = world(measured)
    let now = START
    for (let pass = 0; pass < MOST_PASSES; pass++) {
      const time = now
      const passes = await Promise.all(
        [registry, registry].map(each => reconcile({ registry: each, target, policy, now: () => time })),
      )
      expect(answersNow(memory)).toBe(true)
      now = Math.max(now + 1, ...passes.map(({ wakeAt }) => wakeAt ?? now + MINUTE))
    }
    expect(stateOf(memory)).toEqual(end)
  })
})

test('a registry that is away for an hour, and an endpoint edited by hand meanwhile', async () => {
  const { registry, memory, target } = world()
  const first = await reconcile({ registry, target, policy, now: () => START })
  expect(first.wakeAt).toBe(START + 10 * MINUTE)
  const error = new PressroomError('server-unreachable', 'the registry is away')
  const away = { ...registry, searchModels: () => Promise.reject(error) }
  const during = await reconcile({ registry: away, target, policy, now: () => START + 11 * MINUTE })
  expect(during.failures).toEqual([{ model: undefined, rejected: false, error }])
  expect(stateOf(memory).traffic).toEqual({ 1: 90, 2: 10 })
  memory.edit('news', { ...observedModel(memory.state(), 'news'), traffic: { 1: 20, 2: 80 } })
  await untilSettled(registry, target, START + 70 * MINUTE)
  expect(stateOf(memory)).toEqual({ versions: ['2'], traffic: { 2: 100 } })
})

test('a version that was rejected stays out until its tag is removed', async () => {
  let errors = failing
  const { registry, memory, target } = world(version => (version === '2' ? errors : healthy))
  const now = await untilSettled(registry, target)
  errors = healthy
  const later = await untilSettled(registry, target, now + 1000 * MINUTE)
  expect(stateOf(memory).traffic).toEqual({ 1: 100 })
  registry.add('news', '2')
  await untilSettled(registry, target, later + MINUTE)
  expect(stateOf(memory)).toEqual({ versions: ['2'], traffic: { 2: 100 } })
})

test('10,000 events, a third again, a third late, one in ten lost: models end where their aliases point', async () => {
  const { next, unit } = randomFrom(7)
  const registry = memoryRegistry(folder.path)
  const memory = memoryTarget({ measured: () => healthy })
  const target = answering(memory)
  const quick = policyWith([
    { share: 20, wait: 3 },
    { share: 100, wait: 0 },
  ])
  const models = ['news', 'sports', '__proto__', "a'b/../c"]
  for (const model of models) for (let version = 1; version <= 5; version++) registry.add(model, `${version}`)
  const begun = new Set<string>()
  let unanswered = 0
  memory.onStep = ({ model }) => {
    if (answersNow(memory, model)) begun.add(model)
    else if (begun.has(model)) unanswered += 1
  }
  // Many events fall together at each tick; deliveries, on time, late or again, wake one pass, as in the deployer.
  const ticks = Array.from({ length: 10_000 / TOGETHER + 20 }, () => ({ deliveries: 0 }))
  for (let event = 0; event < 10_000; event++) {
    if (unit() < 0.1) continue
    const tick = Math.floor(event / TOGETHER) + (unit() < 1 / 3 ? next(9) : 0)
    ticks[tick]!.deliveries += 1
    if (unit() < 1 / 3) ticks[tick + next(10)]!.deliveries += 1
  }
  let now = START
  const pass = () => reconcile({ registry, target, policy: quick, now: () => now })
  for (const [tick, { deliveries }] of ticks.entries()) {
    now += 1
    for (let event = TOGETHER * tick; event < Math.min(TOGETHER * (tick + 1), 10_000); event++) {
      registry.point(models[next(models.length)]!, 'champion', `${1 + next(5)}`)
    }
    if (deliveries > 0) await pass()
  }
  for (let turn = 0; turn < MOST_PASSES; turn++) {
    now += 10
    await pass()
  }
  expect(ticks.reduce((sum, { deliveries }) => sum + deliveries, 0)).toBeGreaterThan(10_000)
  expect(unanswered).toBe(0)
  for (const model of models) {
    const champion = registry.models[model]!.aliases.champion!
    expect(stateOf(memory, model)).toEqual({ versions: [champion], traffic: { [champion]: 100 } })
  }
})
