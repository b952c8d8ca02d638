import { counted } from '../../core/counted.ts'
import { asPressroomError } from '../../core/errors.ts'
import { DEFAULT_POLICY, policyOf } from '../deployment/policy.ts'
import type { Judged } from '../judge.ts'
import { look } from '../look.ts'
import { observedModel } from '../plan/plan.ts'
import type { Observed } from '../plan/state.ts'
import { tell, tellWaiting } from '../plan/words.ts'
import { type BlindView, isBlind, type LookOptions, type ModelView } from '../view.ts'
import type { Workplace } from '../workplace.ts'

/** What is wanted of a model, what there is, what the next pass would do, and what it will not do. */
export interface Inspected {
  readonly model: string
  /** Why it is not known what is wanted of it; there is then no more to do than what the plan says. */
  readonly unknown?: string
  readonly desired: readonly string[]
  readonly observed: readonly string[]
  /** Those that are loaded. */
  readonly versions: readonly string[]
  readonly plan: readonly string[]
  readonly held: readonly string[]
  /** How the versions on trial do. */
  readonly measured: readonly string[]
}

/** The models that are deployed, by name; and why they could not be looked at, or only at the target. */
export interface Inspection {
  readonly models: readonly Inspected[]
  readonly failed?: string
}

/** Looks at everything and changes nothing. Never rejects. */
export async function inspect(workplace: Workplace & Pick<LookOptions, 'patience'>): Promise<Inspection> {
  try {
    const { views, away, observed } = await look({ ...workplace, hurried: true })
    if (away === undefined) return { models: views.map(view => inspected(view, observed)) }
    const { message } = asPressroomError(away)
    const retreats = new Map(views.filter(isBlind).map(view => [view.model, view.retreat]))
    const models = Object.keys(observed.models)
      .filter(model => policyOf(workplace.policy ?? DEFAULT_POLICY, model) !== undefined)
      .sort()
      .map(model => unknowable(model, 'the registry does not answer', observed, retreats.get(model)))
    return { models, failed: message }
  } catch (error) {
    return { models: [], failed: asPressroomError(error).message }
  }
}

/** What can be said of a model by its target alone. */
function unknowable(model: string, why: string, all: Observed, retreat: ModelView | undefined): Inspected {
  const observed = observedModel(all, model)
  const nothing = { desired: undefined, held: [], judged: [], plan: { steps: [] } }
  return { ...inspectedView({ ...nothing, ...retreat, model, observed }), unknown: why }
}

function inspected(view: ModelView | BlindView, observed: Observed): Inspected {
  if (!isBlind(view)) return inspectedView(view)
  const why = `it could not be looked at: ${asPressroomError(view.error).message}`
  return unknowable(view.model, why, observed, view.retreat)
}

function inspectedView({
  model,
  desired,
  observed,
  plan,
  held,
  judged,
}: Pick<ModelView, 'model' | 'desired' | 'observed' | 'plan' | 'held' | 'judged'>): Inspected {
  const { beside } = desired ?? {}
  const waiting = tellWaiting(plan)
  return {
    model,
    desired: [
      ...(desired === undefined ? [] : [`${desired.serve} serves`]),
      ...(plan.steps.some(step => step.do === 'retire') ? ['none of it: it is retired'] : []),
      ...(beside === undefined ? [] : [`${beside.version} beside it (${beside.as}, ${beside.share} %)`]),
    ],
    versions: observed.versions,
    observed: [
      ...observed.versions.map(version => `${version} takes ${observed.traffic[version] ?? 0} %`),
      ...(observed.loading ?? []).map(version => `${version} is being loaded`),
      ...Object.entries(observed.shadow ?? {}).map(
        ([version, share]) => `${version} gets copies of ${share} %`,
      ),
    ],
    plan: [...plan.steps.map(step => tell(step, 'due')), ...(waiting === undefined ? [] : [waiting])],
    held: held.map(({ alias, version, reason }) => `${version} @${alias}: ${reason}`),
    measured: judged.map(tellJudged),
  }
}

const TRIALS: Readonly<Record<Judged['as'], string>> = {
  rollout: 'in this step',
  canary: 'in the last hour',
  shadow: 'copies in the last hour',
}

/** `3, copies in the last hour: 120 requests, 0.8 % failed, p99 12 ms: good`. */
function tellJudged({ version, as, measured, verdict }: Judged): string {
  const { requests = 0, errorRate, p99, accuracy, labelled = 0 } = measured ?? {}
  const figures = [
    counted(requests, 'request'),
    ...(errorRate === undefined ? [] : [`${(100 * errorRate).toFixed(1)} % failed`]),
    ...(p99 === undefined ? [] : [`p99 ${p99.toFixed(p99 < 10 ? 1 : 0)} ms`]),
    ...(accuracy === undefined ? [] : [`${(100 * accuracy).toFixed(1)} % of ${labelled} labelled right`]),
  ]
  const verdicts = {
    good: 'good',
    bad: 'bad',
    few: 'too few to judge it by',
    unknown: 'nothing has a limit',
  }
  return `${version}, ${TRIALS[as]}: ${figures.join(', ')}: ${verdicts[verdict.is]}`
}
