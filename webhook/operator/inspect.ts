import { asPressroomError } from '../../core/errors.ts'
import { type BlindView, look, type ModelView } from '../look.ts'
import { tell, tellWaiting } from '../plan/words.ts'
import type { Workplace } from '../workplace.ts'

/** What is wanted of a model, what there is, what the next pass would do, and what it will not do. */
export interface Inspected {
  readonly model: string
  readonly desired: readonly string[]
  readonly observed: readonly string[]
  readonly plan: readonly string[]
  readonly held: readonly string[]
}

/** The models that are deployed, by name; or why they could not be looked at. */
export type Inspection = { readonly models: readonly Inspected[] } | { readonly failed: string }

/** Looks at everything and changes nothing. Never rejects. */
export async function inspect(workplace: Workplace): Promise<Inspection> {
  try {
    return { models: (await look(workplace)).map(inspected) }
  } catch (error) {
    return { failed: asPressroomError(error).message }
  }
}

function inspected(view: ModelView | BlindView): Inspected {
  const { model } = view
  if ('error' in view) {
    const why = `it could not be looked at: ${asPressroomError(view.error).message}`
    return { model, desired: [], observed: [], plan: [], held: [why] }
  }
  const { desired, observed, plan, held } = view
  const { beside } = desired ?? {}
  const waiting = tellWaiting(plan)
  return {
    model,
    desired: [
      ...(desired === undefined ? [] : [`${desired.serve} serves`]),
      ...(beside === undefined ? [] : [`${beside.version} beside it (${beside.as}, ${beside.share} %)`]),
    ],
    observed: [
      ...observed.versions.map(version => `${version} takes ${observed.traffic[version] ?? 0} %`),
      ...(observed.loading ?? []).map(version => `${version} is being loaded`),
      ...Object.entries(observed.shadow ?? {}).map(
        ([version, share]) => `${version} gets copies of ${share} %`,
      ),
    ],
    plan: [...plan.steps.map(step => tell(step, 'due')), ...(waiting === undefined ? [] : [waiting])],
    held: held.map(({ alias, version, reason }) => `${version} @${alias}: ${reason}`),
  }
}
