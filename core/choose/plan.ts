import type { Learner } from '../learn/index.ts'
import { type FeatureSettingsInput, parseFeatureSettings } from '../text/index.ts'
import type { Candidate } from './candidate.ts'

/** Candidates whose features are the same: a fold makes their matrices once. */
export interface Group {
  readonly settings: FeatureSettingsInput
  /** Numbers of candidates; those of one chain differ in C alone. */
  readonly chains: readonly (readonly number[])[]
}

/** Sorts candidates by what they share. */
export function planGroups(candidates: readonly Candidate[]): Group[] {
  const groups = Map.groupBy(candidates.keys(), i =>
    JSON.stringify(parseFeatureSettings(candidates[i]!.features)),
  )
  return [...groups.values()].map(members => ({
    settings: candidates[members[0]!]!.features,
    chains: [...Map.groupBy(members, i => chainOf(candidates[i]!.learner) ?? i).values()],
  }))
}

/** What the learners of one chain have in common, or undefined of one that fits alone. */
function chainOf(learner: Learner): string | undefined {
  const warm = learner.kind === 'logistic-regression' || learner.kind === 'linear-svm'
  if (!warm || learner.calibration !== undefined) return undefined
  const { c, ...others } = learner.parameters ?? {}
  return JSON.stringify([learner.kind, Object.entries(others).sort()])
}
