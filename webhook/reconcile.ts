import { asPressroomError, PressroomError } from '../core/errors.ts'
import type { Registry } from '../core/registry/types.ts'
import { checkGolden } from './golden.ts'
import { type Desired, type DesiredModel, observedModel, plan, type Step } from './plan/plan.ts'
import type { ObservedModel } from './plan/state.ts'
import { tell } from './plan/words.ts'
import type { Target, VersionSource } from './targets/target.ts'

/** The alias whose version serves. */
const SERVING_ALIAS = 'champion'

/** What a reconciliation tells while it goes on; `line` is for a person. */
export type ReconcileEvent =
  | { readonly kind: 'step'; readonly step: Step; readonly line: string }
  /** The model's steps were taken, and the target was seen to have what is wanted. */
  | { readonly kind: 'serving'; readonly model: string; readonly version: string; readonly line: string }
  | { readonly kind: 'unchanged'; readonly line: string }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly line: string }

export interface Failure {
  /** Undefined when the registry or the target could not be asked at all. */
  readonly model: string | undefined
  /** The version was asked its golden examples and found wrong: trying again would find the same. */
  readonly rejected: boolean
  readonly error: PressroomError
}

export interface ReconcileOptions {
  readonly registry: Pick<Registry, 'searchModels' | 'getVersion' | 'download'>
  readonly target: Target
  /** The models to deploy. Default: all that have a champion. */
  readonly models?: readonly string[]
  readonly report?: (event: ReconcileEvent) => void
  /** Aborted, no further step is taken and nothing more is reported. */
  readonly signal?: AbortSignal
}

/**
 * Brings the target to what the registry says: reads both, plans, takes the steps, and looks whether they worked. It can
 * run at any time and any number of times. A failed step ends its model's steps, so that the version that served goes on
 * serving; other models go on. Never rejects.
 * @returns what failed, each reported already.
 */
export async function reconcile(options: ReconcileOptions): Promise<readonly Failure[]> {
  const { target, report, signal } = options
  const failures: Failure[] = []

  function fail(failure: Failure): void {
    if (signal?.aborted) return
    failures.push(failure)
    report?.({ kind: 'failed', failure, line: `${target.name}: ${failure.error.message}` })
  }

  try {
    const desired = await readDesired(options)
    const observed = await target.observe()
    const steps = plan(desired, observed)
    if (steps.length === 0) report?.({ kind: 'unchanged', line: `${target.name}: nothing to do` })
    const changed = new Map<string, DesiredModel>()
    for (const [model, own] of Map.groupBy(steps, step => step.model)) {
      const wanted = desired.get(model)!
      const failure = await takeSteps(own, wanted.serve, observedModel(observed, model), options)
      if (failure === undefined) changed.set(model, wanted)
      else fail(failure)
    }
    if (changed.size > 0) for (const failure of await verify(changed, options)) fail(failure)
  } catch (error) {
    fail({ model: undefined, rejected: false, error: asPressroomError(error) })
  }
  return failures
}

/** What the registry wants now. Events are never asked: they can be old, repeated and out of order. */
async function readDesired({ registry, models }: ReconcileOptions): Promise<Desired> {
  const desired = new Map<string, DesiredModel>()
  for (const { name, aliases } of await registry.searchModels()) {
    const serve = aliases[SERVING_ALIAS]
    if (serve !== undefined && (models === undefined || models.includes(name))) desired.set(name, { serve })
  }
  return desired
}

/** Takes the steps of one model until one fails. */
async function takeSteps(
  steps: readonly Step[],
  wanted: string,
  observed: ObservedModel,
  { registry, target, report, signal = new AbortController().signal }: ReconcileOptions,
): Promise<Failure | undefined> {
  let folder: Promise<string> | undefined
  for (const step of steps) {
    signal.throwIfAborted()
    const files = () => {
      folder ??= registry.download(step.model, wanted)
      return folder
    }
    try {
      const source = step.do === 'load' ? await sourceOf(registry, step, files) : undefined
      const wrong =
        step.do === 'check'
          ? await checkGolden(target, step, await files())
          : await target.apply(step, { observed, source, signal })
      if (wrong instanceof PressroomError) return await failureOf(step, wrong, true, target)
    } catch (error) {
      return await failureOf(step, asPressroomError(error), false, target)
    }
    report?.({ kind: 'step', step, line: `${target.name}: ${tell(step, 'done')}` })
  }
  return undefined
}

async function sourceOf(
  registry: ReconcileOptions['registry'],
  { model, version }: { readonly model: string; readonly version: string },
  files: () => Promise<string>,
): Promise<VersionSource> {
  const found = await registry.getVersion(model, version)
  if (found === undefined)
    throw new PressroomError('deployment-failed', `${model} ${version} is gone from the registry`)
  const { source, digest, aliases, tags } = found
  return { uri: source, digest, aliases, tags, files }
}

async function failureOf(
  step: Step,
  cause: PressroomError,
  rejected: boolean,
  target: Target,
): Promise<Failure> {
  const { model } = step
  const what = `${tell(step, 'failed')}; ${await whatServes(target, model)}`
  return { model, rejected, error: new PressroomError(cause.code, what, { where: cause.message, cause }) }
}

/** Asked anew: what failed may have taken with it what served. */
async function whatServes(target: Target, model: string): Promise<string> {
  try {
    const { traffic } = observedModel(await target.observe(), model)
    const versions = Object.keys(traffic).filter(version => traffic[version]! > 0)
    return versions.length === 0
      ? `no version of ${model} serves`
      : `${model} ${versions.join(' and ')} goes on serving`
  } catch {
    return `what serves is not known, since ${target.name} does not answer`
  }
}

/** Looks whether the target has what its steps were to bring: one may say yes and do nothing. */
async function verify(changed: Desired, { target, report }: ReconcileOptions): Promise<Failure[]> {
  const left = Map.groupBy(plan(changed, await target.observe()), step => step.model)
  return [...changed].flatMap(([model, { serve }]) => {
    const steps = left.get(model)
    if (steps === undefined) {
      report?.({
        kind: 'serving',
        model,
        version: serve,
        line: `${target.name}: ${model} ${serve} takes 100 %`,
      })
      return []
    }
    const error = new PressroomError(
      'deployment-failed',
      `${target.name} took every step for ${model} ${serve}, without effect`,
      {
        where: `still to do: ${steps.map(step => step.do).join(', ')}`,
        fix: 'look at its log; somebody else may be changing it at the same time',
      },
    )
    return [{ model, rejected: false, error }]
  })
}
