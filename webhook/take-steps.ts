import { asPressroomError, PressroomError } from '../core/errors.ts'
import { checkGolden } from './golden.ts'
import type { ModelView } from './look.ts'
import { GOOD_TAG, lastGood, REJECTED_TAG } from './plan/desired.ts'
import { observedModel, type Step } from './plan/plan.ts'
import { tell } from './plan/words.ts'
import type { Failure, ReconcileOptions } from './reconcile.ts'
import type { Target, VersionSource } from './targets/target.ts'

/** Characters of a reason that a tag keeps. */
const LONGEST_REASON = 500

/** What came of a model's steps. */
interface Taken {
  readonly failure?: Failure
  /** The steps that must be seen to have worked; undefined when there is no use in looking again. */
  readonly expected?: readonly Step[]
}

/** Takes the steps of one model until one fails. A version that is found bad is noted as such. */
export async function takeSteps(view: ModelView, options: ReconcileOptions): Promise<Taken> {
  const { registry, target, report, signal = new AbortController().signal } = options
  const { model, observed } = view
  const folders = new Map<string, Promise<string>>()
  const filesOf = (version: string) => () => {
    const known = folders.get(version) ?? registry.download(model, version)
    folders.set(version, known)
    return known
  }

  async function take(step: Step): Promise<PressroomError | undefined> {
    switch (step.do) {
      case 'check':
        return checkGolden(target, step, await filesOf(step.version)())
      case 'keep':
        if (lastGood(view.candidates)?.version !== step.version) {
          const at = new Date((options.now ?? Date.now)()).toISOString()
          await registry.setVersionTag(model, step.version, GOOD_TAG, at)
        }
        return undefined
      case 'reject':
        await registry.setVersionTag(model, step.version, REJECTED_TAG, step.reason)
        return new PressroomError('deployment-failed', `it was measured: ${step.reason}`)
      default: {
        const source = step.do === 'load' ? sourceOf(view, step.version, filesOf(step.version)) : undefined
        await target.apply(step, { observed, source, signal })
        return undefined
      }
    }
  }

  for (const step of view.plan.steps) {
    if (signal.aborted) return {}
    let bad: PressroomError | undefined
    try {
      bad = await take(step)
      if (bad !== undefined && step.do === 'check') await reject(step, bad, options)
    } catch (thrown) {
      const error = asPressroomError(thrown)
      // Somebody else was quicker: what is to be done now, another look tells.
      if (error.code === 'deployment-conflict') return { expected: [] }
      return { failure: await failureOf(step, error, false, target) }
    }
    if (bad !== undefined)
      return { failure: await failureOf(step, bad, true, target), expected: view.plan.steps }
    report?.({ kind: 'step', step, line: `${target.name}: ${tell(step, 'done')}` })
  }
  return { expected: view.plan.steps }
}

function reject(
  { model, version }: { readonly model: string; readonly version: string },
  { message, where }: PressroomError,
  { registry }: ReconcileOptions,
): Promise<void> {
  const reason = [message.split('\n', 1)[0], where].filter(Boolean).join(': ')
  return registry.setVersionTag(model, version, REJECTED_TAG, reason.slice(0, LONGEST_REASON))
}

/** @throws PressroomError `deployment-failed` when the registry does not have the version any more */
function sourceOf(
  { model, versions }: ModelView,
  version: string,
  files: () => Promise<string>,
): VersionSource {
  const found = versions.find(each => each.version === version)
  if (found === undefined) {
    throw new PressroomError('deployment-failed', `${model} ${version} is gone from the registry`, {
      fix: 'point the alias at a version that is there',
    })
  }
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
