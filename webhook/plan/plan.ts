import type { Observed, ObservedModel, TargetStep } from './state.ts'

/** What a registry wants of one model. */
export interface DesiredModel {
  /** The version that takes all traffic. */
  readonly serve: string
}

/** By model name. A model that is not here is left as it is: taking a model down is never a guess. */
export type Desired = ReadonlyMap<string, DesiredModel>

/** A step of a deployment: one that changes the target, or a question to it. */
export type Step =
  | TargetStep
  /** Asks a loaded version its golden examples. When it fails, the model's later steps are not taken. */
  | { readonly do: 'check'; readonly model: string; readonly version: string }

const NOTHING: ObservedModel = { versions: [], traffic: {} }

/**
 * The steps from what is to what is wanted: pure, models by name, none when they agree. Whatever was observed, its steps
 * reach what is wanted, and a model that serves goes on serving after each of them.
 */
export function plan(desired: Desired, observed: Observed): Step[] {
  return [...desired]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([model, { serve }]) => planModel(model, serve, observedModel(observed, model)))
}

/** The rules, in the order in which their steps are taken. */
function planModel(model: string, wanted: string, { versions, traffic }: ObservedModel): Step[] {
  const loaded = versions.includes(wanted)
  const serves = loaded && traffic[wanted] === 100
  const others = versions.filter(version => version !== wanted)
  const rules: readonly (readonly [holds: boolean, step: Step])[] = [
    [!loaded, { do: 'load', model, version: wanted }],
    [!serves, { do: 'check', model, version: wanted }],
    [!serves, { do: 'shift', model, split: { [wanted]: 100 } }],
    ...others.map(version => [true, { do: 'unload', model, version }] as const),
  ]
  return rules.filter(([holds]) => holds).map(([, step]) => step)
}

/** What a target has of a model; the names of models come from outside, `constructor` among them. */
export function observedModel(observed: Observed, model: string): ObservedModel {
  return (Object.hasOwn(observed.models, model) ? observed.models[model] : undefined) ?? NOTHING
}
