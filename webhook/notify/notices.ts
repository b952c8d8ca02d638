import { modelOf } from '../operator/journal.ts'
import type { ReconcileEvent } from '../reconcile.ts'

/** What people and other systems are told of a deployment. */
export interface Notice {
  readonly state: 'started' | 'succeeded' | 'rejected' | 'failed'
  /** Undefined when the registry or the target could not be asked at all. */
  readonly model: string | undefined
  /** Undefined when it failed before any step said which. */
  readonly version: string | undefined
  /** For a person; it may have several lines. */
  readonly message: string
}

/** What was last told of a model. */
interface Told {
  readonly version: string | undefined
  /** The failure that was told, so that its repetitions are not. */
  readonly failure?: string
  readonly underWay: boolean
}

/**
 * Picks what is worth telling from what passes report: the first step of a model, that it serves, and each new failure. The
 * deployer tries a failure again for as long as it lasts; who was told once need not be told each time.
 * @returns the notice of an event, or undefined
 */
export function createNotices(): (event: ReconcileEvent) => Notice | undefined {
  const told = new Map<string | undefined, Told>()

  return event => {
    const model = modelOf(event)
    const before = told.get(model)
    if (event.kind === 'step') {
      const version = 'version' in event.step ? event.step.version : before?.version
      const again = before?.underWay === true || before?.failure !== undefined
      told.set(model, { ...before, version: before?.underWay ? before.version : version, underWay: true })
      if (again) return undefined
      return { state: 'started', model, version, message: event.line }
    }
    if (event.kind === 'serving') {
      told.delete(model)
      return { state: 'succeeded', model, version: event.version, message: event.line }
    }
    if (event.kind === 'failed') {
      const { message } = event.failure.error
      told.set(model, { version: before?.version, failure: message, underWay: false })
      if (before?.failure === message) return undefined
      const state = event.failure.rejected ? 'rejected' : 'failed'
      return { state, model, version: before?.version, message: event.line }
    }
    // Nothing to do: whatever failed has passed.
    if (event.kind === 'unchanged') told.clear()
    return undefined
  }
}
