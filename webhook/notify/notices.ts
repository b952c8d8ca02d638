import { modelOf } from '../operator/journal.ts'
import type { Step } from '../plan/plan.ts'
import type { ReconcileEvent } from '../reconcile.ts'

/** What people and other systems are told of a deployment. */
export interface Notice {
  readonly state: 'started' | 'succeeded' | 'rejected' | 'rolled-back' | 'retired' | 'failed'
  /** Undefined when the registry or the target could not be asked at all. */
  readonly model: string | undefined
  /** Undefined when it failed before any step said which, and of a model that was taken down whole. */
  readonly version: string | undefined
  /** For a person; it may have several lines. */
  readonly message: string
}

/** What was last told of a model. */
interface Told {
  readonly version: string | undefined
  /** The failure that was told, so that its repetitions are not. */
  readonly failure?: string
  readonly rejected?: boolean
  /** That it was taken down. */
  readonly retired?: boolean | undefined
  readonly underWay: boolean
}

/**
 * Picks what is worth telling from what passes report: the first step that brings a version in, that it serves, each new failure,
 * that the version before it serves again, and that a model was taken down. The deployer tries a failure again for as long as it lasts; who was told once need not be told each time.
 * @returns the notice of an event, or undefined
 */
export function createNotices(): (event: ReconcileEvent) => Notice | undefined {
  const told = new Map<string | undefined, Told>()

  return event => {
    const model = modelOf(event)
    const before = told.get(model)
    if (event.kind === 'step') {
      const bad = takenBack(event.step)
      // What is told is that it is rejected, which follows; who was started anew has not heard of it before.
      if (bad !== undefined && before === undefined) told.set(model, { version: bad, underWay: true })
      if (bad !== undefined) return undefined
      if (event.step.do === 'retire') {
        if (before?.retired === true) return undefined
        told.set(model, { version: undefined, retired: true, underWay: false })
        return { state: 'retired', model, version: undefined, message: event.line }
      }
      const version = broughtIn(event.step)
      if (version === undefined || before?.underWay === true || before?.failure !== undefined)
        return undefined
      told.set(model, { version, underWay: true })
      return { state: 'started', model, version, message: event.line }
    }
    if (event.kind === 'serving') {
      told.delete(model)
      if (before === undefined) return undefined
      // What was brought in may be what stands beside the version that serves.
      const version =
        event.beside !== undefined && before.version === event.beside ? event.beside : event.version
      const back = before.rejected === true && before.version !== version
      return { state: back ? 'rolled-back' : 'succeeded', model, version, message: event.line }
    }
    if (event.kind === 'failed') {
      const { message } = event.failure.error
      told.set(model, {
        version: before?.version,
        failure: message,
        rejected: event.failure.rejected,
        retired: before?.retired,
        underWay: false,
      })
      if (before?.failure === message) return undefined
      const state = event.failure.rejected ? 'rejected' : 'failed'
      return { state, model, version: before?.version, message: event.line }
    }
    // Nothing to do: whatever failed has passed. While a rollout waits, that is said of what concerns all models.
    if (event.kind === 'unchanged') told.clear()
    if (event.kind === 'rolling') told.delete(undefined)
    return undefined
  }
}

/** The version that a step takes the traffic from, since it is bad. */
function takenBack(step: Step): string | undefined {
  return step.do === 'shift' && step.rollout?.bad !== undefined ? step.rollout.version : undefined
}

/** The version that a step brings in; undefined of a step that only tidies or notes. */
function broughtIn(step: Step): string | undefined {
  if (step.do === 'load') return step.version
  if (step.do !== 'shift') return undefined
  return step.rollout?.version ?? Object.keys(step.split).find(version => step.split[version] === 100)
}
