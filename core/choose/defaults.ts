import { PRESETS } from '../learn/presets.ts'
import type { Proposal } from './space.ts'

/** Seed 002's four, the simplest to fit and to keep first. */
export const DEFAULT_CANDIDATES: readonly Omit<Proposal, 'features'>[] = (
  ['naive-bayes', 'logistic-regression', 'random-forest', 'mlp'] as const
).map(kind => ({
  name: kind.replaceAll('-', ' '),
  learner: { kind, parameters: PRESETS['seed-002'][kind] } as Proposal['learner'],
}))
