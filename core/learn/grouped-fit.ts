import { CHECKPOINT_EVERY, type FitControl } from './control.ts'
import {
  copyLinear,
  emptyLinearModel,
  type Fit,
  getClasses,
  type LinearModel,
  requireSame,
  setClasses,
} from './linear-model.ts'
import type { Training } from './training.ts'

/** Where a fit stands between two iterations: plain data, which {@link FitControl.resume} goes on from. */
export interface GroupedState<S> {
  /** How many groups of classes are solved, and what came of them so far. */
  readonly solved: number
  readonly result: Fit<LinearModel>
  /** Where the solver of the next one stands. */
  readonly search: S
}

/** What a solver gives for one group of classes: their weights, `(features + 1) × width`, intercepts last. */
export interface Solved {
  readonly weights: Float64Array
  readonly loss: number
  readonly iterations: number
  readonly converged: boolean
}

/**
 * Calls a solver after each of its iterations. `loss` and `state` are called when somebody wants to know; the state must be a
 * copy.
 */
export type Report<S> = (iteration: number, loss: () => number, state: () => S) => void

/** Solves group after group of a linear model's classes, and sees to warm starts, progress and checkpoints. */
export async function fitGroups<G extends { readonly first: number; readonly width: number }, S>(
  { matrix, classes }: Training,
  groups: readonly G[],
  control: FitControl<GroupedState<S>>,
  solve: (group: G, start: Float64Array | S | undefined, report: Report<S>) => Promise<Solved>,
): Promise<Fit<LinearModel>> {
  const { resume, warmStart, onProgress, onCheckpoint, checkpointDue } = control
  const checkpointEvery = control.checkpointEvery ?? CHECKPOINT_EVERY
  const model =
    resume === undefined ? emptyLinearModel(matrix.columns, classes) : copyLinear(resume.result.model)
  let result: Fit<LinearModel> = { loss: 0, iterations: 0, converged: true, ...resume?.result, model }
  for (let solved = resume?.solved ?? 0; solved < groups.length; solved++) {
    const group = groups[solved]!
    const { first, width } = group
    const warm = warmStart && getClasses(requireSame(warmStart, model), first, width)
    let told: number | undefined
    const tell = (iteration: number, loss: () => number) => {
      told = iteration
      onProgress?.({ iteration, loss: loss(), classes: [first, first + width] })
    }
    const found = await solve(
      group,
      resume?.solved === solved ? resume.search : warm,
      (iteration, loss, state) => {
        tell(iteration, loss)
        if (onCheckpoint === undefined || iteration % checkpointEvery !== 0) return
        if (checkpointDue?.() === false) return
        onCheckpoint({ solved, result: { ...result, model: copyLinear(model) }, search: state() })
      },
    )
    // A dual descent ends with a step that it does not report.
    if (told !== found.iterations) tell(found.iterations, () => found.loss)
    setClasses(model, found.weights, first, width)
    result = {
      model,
      loss: result.loss + found.loss,
      iterations: Math.max(result.iterations, found.iterations),
      converged: result.converged && found.converged,
    }
  }
  return result
}
