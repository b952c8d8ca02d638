import { asPressroomError } from '../../core/errors.ts'
import { observedModel, plan, type Step } from '../plan/plan.ts'
import { type ReconcileOptions, readDesired } from '../reconcile.ts'

/** What is wanted of a model, what there is, and what the next pass would do. */
export interface Inspected {
  readonly model: string
  readonly desired: readonly string[]
  readonly observed: readonly string[]
  readonly plan: readonly string[]
}

/** All models that the registry wants or the target has, by name; or why they could not be looked at. */
export type Inspection = { readonly models: readonly Inspected[] } | { readonly failed: string }

/** Looks at everything and changes nothing. Never rejects. */
export async function inspect(
  options: Pick<ReconcileOptions, 'registry' | 'target' | 'models'>,
): Promise<Inspection> {
  try {
    const [desired, observed] = await Promise.all([readDesired(options), options.target.observe()])
    const steps = Map.groupBy(plan(desired, observed), step => step.model)
    const names = [...new Set([...desired.keys(), ...Object.keys(observed.models)])].sort()
    return {
      models: names.map(model => {
        const wanted = desired.get(model)?.serve
        const { versions, traffic } = observedModel(observed, model)
        return {
          model,
          desired: wanted === undefined ? [] : [`${wanted} takes 100 %`],
          observed: versions.map(version => `${version} takes ${traffic[version] ?? 0} %`),
          plan: (steps.get(model) ?? []).map(tellAhead),
        }
      }),
    }
  } catch (error) {
    return { failed: asPressroomError(error).message }
  }
}

function tellAhead(step: Step): string {
  if (step.do !== 'shift') return `${step.do} ${step.version}`
  return Object.entries(step.split)
    .map(([version, share]) => `give ${version} ${share} %`)
    .join(', ')
}
