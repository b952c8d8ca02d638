import { counted } from '../../core/counted.ts'
import { asPressroomError } from '../../core/errors.ts'
import type { Judged } from '../judge.ts'
import { look } from '../look.ts'
import { tell, tellWaiting } from '../plan/words.ts'
import { type BlindView, isBlind, type ModelView } from '../view.ts'
import type { Workplace } from '../workplace.ts'

/** What is wanted of a model, what there is, what the next pass would do, and what it will not do. */
export interface Inspected {
  readonly model: string
  readonly desired: readonly string[]
  readonly observed: readonly string[]
  /** Those that are loaded. */
  readonly versions: readonly string[]
  readonly plan: readonly string[]
  readonly held: readonly string[]
  /** How the versions on trial do. */
  readonly measured: readonly string[]
}

/** The models that are deployed, by name; or why they could not be looked at. */
export type Inspection = { readonly models: readonly Inspected[] } | { readonly failed: string }

/** Looks at everything and changes nothing. Never rejects. */
export async function inspect(workplace: Workplace): Promise<Inspection> {
  try {
    const { views, away } = await look(workplace)
    return away === undefined ? { models: views.map(inspected) } : { failed: asPressroomError(away).message }
  } catch (error) {
    return { failed: asPressroomError(error).message }
  }
}

function inspected(view: ModelView | BlindView): Inspected {
  const { model } = view
  if (isBlind(view)) {
    const why = `it could not be looked at: ${asPressroomError(view.error).message}`
    return { model, desired: [], observed: [], versions: [], plan: [], held: [why], measured: [] }
  }
  const { desired, observed, plan, held, judged } = view
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
    ...(p99 === undefined ? [] : [`p99 ${p99.toFixed(0)} ms`]),
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
