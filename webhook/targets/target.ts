import type { PressroomError } from '../../core/errors.ts'
import type { ServiceState } from '../../core/service-protocol.ts'
import type { Step } from '../plan/plan.ts'

/** The steps that change a target; a check only asks it. */
export type TargetStep = Exclude<Step, { readonly do: 'check' }>

/** A place where models serve. What it must remember it keeps itself: the deployer has no database. */
export interface Target {
  /** As a person calls it: `local`. */
  readonly name: string

  /** What is loaded and what takes traffic now. */
  observe(): Promise<ServiceState>

  /**
   * Takes one step; taking it again changes nothing.
   * @param files gives the folder of the version to load, checked, when the target wants it
   */
  apply(step: TargetStep, files: () => Promise<string>): Promise<void>

  /** The labels that one loaded version gives these texts, traffic or not, in their order. */
  ask(model: string, version: string, texts: readonly string[]): Promise<readonly string[]>

  /** Has `listener` called with the reason when the target lost what it had loaded without being told to. */
  onLost?(listener: (reason: PressroomError) => void): void
}
