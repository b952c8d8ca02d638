import assert from 'node:assert/strict'
import { PressroomError } from '../../core/errors.ts'
import { observedModel, type Step } from '../../webhook/plan/plan.ts'
import type { Observed, ObservedModel } from '../../webhook/plan/state.ts'
import type { Abilities, Measured, Target } from '../../webhook/targets/target.ts'

/** What a target does with a step, refusing what no target would accept. */
export function applyStep(step: Step, state: Observed): Observed {
  const before = observedModel(state, step.model)
  const others = Object.entries(state.models).filter(([model]) => model !== step.model)
  if (step.do === 'retire') return { models: Object.fromEntries(others) }
  return { models: Object.fromEntries([...Object.entries(state.models), [step.model, change(step, before)]]) }
}

function change(step: Exclude<Step, { do: 'retire' }>, before: ObservedModel): ObservedModel {
  const { versions, traffic, rollout, shadow = {}, ...rest } = before
  switch (step.do) {
    case 'load':
      return { ...before, versions: [...new Set([...versions, step.version])] }
    case 'check':
      assert.ok(versions.includes(step.version), `${step.version} is asked before it is loaded`)
      return before
    case 'shift':
      for (const version of Object.keys(step.split))
        assert.ok(versions.includes(version), `${version} is not loaded`)
      assert.equal(
        Object.values(step.split).reduce((sum, share) => sum + share, 0),
        100,
      )
      return {
        versions,
        traffic: step.split,
        ...rest,
        ...(step.rollout && { rollout: step.rollout }),
        ...(before.shadow && { shadow }),
      }
    case 'shadow': {
      assert.ok(versions.includes(step.version), `${step.version} is not loaded`)
      const others = Object.entries(shadow).filter(([version]) => version !== step.version)
      const own = step.share === 0 ? [] : [[step.version, step.share] as const]
      return { ...before, shadow: Object.fromEntries([...others, ...own]) }
    }
    case 'unload':
      assert.equal(traffic[step.version] ?? 0, 0, `${step.version} still has traffic`)
      assert.equal(shadow[step.version] ?? 0, 0, `${step.version} still has shadow traffic`)
      return { ...before, versions: versions.filter(version => version !== step.version) }
    case 'keep':
    case 'reject':
      return before
  }
}

export interface MemoryTarget extends Target {
  /** Replaces what it has of a model, as a hand would. */
  edit(model: string, state: ObservedModel): void
  state(): Observed
  /** Called after each step that it took. */
  onStep?: (step: Step) => void
}

export interface MemoryOptions {
  readonly can?: Partial<Abilities>
  readonly measured?: (model: string, version: string) => Measured | undefined
  readonly answer?: (version: string) => string
}

/** A target in memory that refuses steps planned on another state, as those with an etag do. */
export function memoryTarget({ can, measured, answer = () => 'World' }: MemoryOptions = {}): MemoryTarget {
  let state: Observed = { models: {} }
  let revision = 0
  function put(models: Observed['models'], model: string): void {
    revision += 1
    const entries = Object.entries(models).map(([name, each]) => {
      return [name, name === model ? { ...each, revision: String(revision) } : each] as const
    })
    state = { models: Object.fromEntries(entries) }
  }
  const target: MemoryTarget = {
    name: 'memory',
    can: { canary: true, shadow: true, measure: measured ? ['errorRate', 'p99', 'accuracy'] : [], ...can },
    observe: async () => state,
    async apply(step, { observed }) {
      const { revision: present } = observedModel(state, step.model)
      if (present !== observed.revision)
        throw new PressroomError('deployment-conflict', `${step.model} was changed by somebody else`)
      put(applyStep(step, state).models, step.model)
      target.onStep?.(step)
    },
    ask: async (_model, version, texts) => texts.map(() => answer(version)),
    ...(measured && { measure: async (model, version) => measured(model, version) }),
    state: () => state,
    edit: (model, edited) => put({ ...state.models, [model]: edited }, model),
  }
  return target
}
