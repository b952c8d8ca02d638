import { aMoment, aNumber, aString, type Decoder, maybe, objectWith } from '../../core/decode.ts'
import type { Rollout } from '../plan/state.ts'

const someRollout = objectWith({
  version: aString,
  share: aNumber,
  since: aMoment,
  before: maybe(aString),
  bad: maybe(aString),
})

/** A rollout as JSON: a field that is empty is absent. */
export const aRollout: Decoder<Rollout> = (value, at) => {
  const { before, bad, ...rollout } = someRollout(value, at)
  return { ...rollout, ...(before && { before }), ...(bad && { bad }) }
}

/** The rollout that a target kept; undefined when it kept none, or somebody edited it into nonsense. */
export function rolloutIn(value: unknown): Rollout | undefined {
  try {
    return aRollout(value, 'it')
  } catch {
    return undefined
  }
}
