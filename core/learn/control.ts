import { setImmediate } from 'node:timers/promises'
import { PressroomError } from '../errors.ts'
import type { LinearModel } from './linear-model.ts'

/** One step of a fit. */
export interface FitProgress {
  /** From 1; what an iteration is depends on the solver. 0 alone where it stays as it began. */
  readonly iteration: number
  /** The objective, penalty included. */
  readonly loss: number
  /** The classes that are fitted now, some after others: from, and up to but not including, to. */
  readonly classes: readonly [from: number, to: number]
}

/** What whoever starts a fit may want of it while it runs. `S` is the state that the learner can go on from. */
export interface FitControl<S = never> {
  /** Looked at every few milliseconds; when it aborts, the fit throws `cancelled`. */
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: FitProgress) => void) | undefined
  /**
   * Given the fit's state after every `checkpointEvery` iterations (default 10): plain data of its own, safe to keep,
   * structured-clone or write to a file.
   */
  readonly onCheckpoint?: ((state: S) => void) | undefined
  readonly checkpointEvery?: number | undefined
  /** Asked before the state is copied; false spares it. */
  readonly checkpointDue?: (() => boolean) | undefined
  /** Such a state, of the same rows and parameters: the fit goes on from it to the same bits as if never interrupted. */
  readonly resume?: S | undefined
  /** A model of the same features and classes to begin from: the same optimum, sooner when it is near. */
  readonly warmStart?: LinearModel | undefined
}

/**
 * Where a fit of several parts (folds, votes) stands, kept somewhere. Parts are numbered in the order in which they are fitted, which
 * the rows and the learner decide.
 */
export interface Checkpoint<F> {
  nextPart(): {
    /** What came of this part when it was fitted before. */
    readonly done: F | undefined
    /** Where it stood, for {@link FitControl.resume}. */
    readonly state: unknown
    /** Whether it is time to keep the state again. */
    due(): boolean
    /** Keeps a copy of the state. */
    keep(state: unknown): void
    finish(fit: F): void
  }
}

/** Iterations between two checkpoints. */
export const CHECKPOINT_EVERY = 10

/** Multiply-adds between two looks at the clock: a few milliseconds of work. */
export const WORK_A_LOOK = 2 ** 21

/** So long may a fit keep the event loop from turning: a tenth of what a person notices. */
const TURN_MS = 20

/** Lets timers, signals and progress through while a fit computes. */
export interface Pace {
  /**
   * Gives the event loop a turn when the last is {@link TURN_MS} ago, so that calling it often costs nothing.
   *
   * @throws PressroomError `cancelled` when the signal has aborted.
   */
  turn(): Promise<void> | undefined
}

export function paceOf(signal: AbortSignal | undefined): Pace {
  // The first call turns, so that a signal that aborted before or while the fit began is seen at once.
  let last = -Infinity
  const check = () => {
    if (signal?.aborted) throw new PressroomError('cancelled', 'the fit was cancelled')
  }
  return {
    turn() {
      check()
      if (performance.now() - last < TURN_MS) return undefined
      return setImmediate().then(() => {
        last = performance.now()
        check()
      })
    },
  }
}
