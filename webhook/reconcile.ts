import type { PressroomError } from '../core/errors.ts'
import { createWork, startPass } from './pass.ts'
import type { Held } from './plan/desired.ts'
import type { Step } from './plan/plan.ts'
import type { LookOptions } from './view.ts'

/** What a reconciliation tells while it goes on; `line` is for a person. */
export type ReconcileEvent =
  | { readonly kind: 'step'; readonly step: Step; readonly line: string }
  /** The model's steps were taken, and the target was seen to have what is wanted. */
  | {
      readonly kind: 'serving'
      readonly model: string
      readonly version: string
      /** The version that stands beside it, of those that the policy wants there. */
      readonly beside?: string
      readonly line: string
    }
  /** A version has its share for now, and the rollout goes on later. Told at each pass, in the same words while it waits for the same. */
  | { readonly kind: 'rolling'; readonly model: string; readonly version: string; readonly line: string }
  /** An alias names a version that is not brought in. */
  | { readonly kind: 'held'; readonly model: string; readonly held: Held; readonly line: string }
  | { readonly kind: 'unchanged'; readonly line: string }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly line: string }

export interface Failure {
  /** Undefined when the registry or the target could not be asked at all. */
  readonly model: string | undefined
  /** The version was found bad, and stays out: trying again would find the same. */
  readonly rejected: boolean
  readonly error: PressroomError
}

export interface ReconcileOptions extends LookOptions {
  readonly report?: (event: ReconcileEvent) => void
}

/** What a pass came to. */
export interface Pass {
  /** Each reported already. */
  readonly failures: readonly Failure[]
  /** When to look again though nothing happens, in milliseconds since the epoch. */
  readonly wakeAt: number | undefined
}

/**
 * Brings the target to what the registry says: looks at both, plans, takes the steps, and looks whether they worked. It can run at any
 * time and any number of times; aborted, it takes no further step and reports nothing more. Models are worked on at once, ten of them
 * at most, the steps of each in their order; a failed step ends its model's steps, so that the version that served goes on serving, and
 * no other model's. Never rejects.
 */
export function reconcile(options: ReconcileOptions): Promise<Pass> {
  return startPass(options, createWork(options)).ended
}
