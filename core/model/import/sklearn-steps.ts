import { listOf } from '../../decode.ts'
import { aStep, learnt, type Step } from './dump.ts'

/** A classifier of texts, taken apart: what makes features of them, in order, and what answers. */
export interface Parts {
  readonly features: readonly Step[]
  readonly classifier: Step
}

/** Wrappers that answer as what is inside of them. */
const TRANSPARENT: readonly string[] = ['GridSearchCV', 'RandomizedSearchCV', 'FrozenEstimator']

/**
 * Takes pipelines apart, nested ones too, and wrappers off: searches, frozen estimators, and the calibration of one whole pipeline,
 * which becomes that of its classifier.
 */
export function partsOf(model: Step): Parts {
  const bare = unwrapped(model)
  if (bare.type === 'Pipeline') {
    const steps = stepsOf(bare)
    const { features, classifier } = partsOf(steps.at(-1)!)
    return { features: [...steps.slice(0, -1).flatMap(flattened), ...features], classifier }
  }
  if (bare.type === 'CalibratedClassifierCV') {
    const { members } = learnt(bare, { members: listOf((value, at) => aMember(value, at)) })
    const [first] = members
    if (members.length === 1 && first !== undefined) {
      const { features, classifier } = partsOf(first.estimator as Step)
      const fitted = { ...bare.fitted, members: [{ ...first, estimator: classifier }] }
      return { features, classifier: { ...bare, fitted } }
    }
  }
  return { features: [], classifier: bare }
}

/** The steps of a pipeline, those that do nothing left out. */
export function flattened(step: Step): readonly Step[] {
  if (step.type === 'Pipeline') return stepsOf(step).flatMap(flattened)
  return step.type === 'passthrough' || step.type === 'None' ? [] : [step]
}

export function unwrapped(step: Step): Step {
  return TRANSPARENT.includes(step.type) ? unwrapped(learnt(step, { estimator: aStep }).estimator) : step
}

function stepsOf(step: Step): readonly Step[] {
  return learnt(step, { steps: listOf(aStep) }).steps
}

function aMember(value: unknown, at: string): Record<string, unknown> {
  const member = value as Record<string, unknown>
  return { ...member, estimator: aStep(member?.estimator, `${at}.estimator`) }
}
