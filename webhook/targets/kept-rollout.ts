import { aMoment, aNumber, aString, type Decoder, maybe, objectWith } from '../../core/decode.ts'
import type { Rollout } from '../plan/state.ts'

const aRollout = objectWith({
  version: aString,
  share: aNumber,
  since: aMoment,
  before: maybe(aString),
  bad: maybe(aString),
}) as Decoder<Rollout>

/** The rollout that a target kept; undefined when it kept none, or somebody edited it into nonsense. */
export function rolloutIn(value: unknown): Rollout | undefined {
  try {
    const { before, bad, ...rollout } = aRollout(value, 'it')
    return { ...rollout, ...(before && { before }), ...(bad && { bad }) }
  } catch {
    return undefined
  }
}
