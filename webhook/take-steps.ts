import { asPressroomError, PressroomError } from '../core/errors.ts'
import { DEFAULT_POLICY } from './deployment/policy.ts'
import { checkGolden } from './golden.ts'
import { ownFolders } from './own-folders.ts'
import { GOOD_TAG, lastGood, REJECTED_TAG } from './plan/desired.ts'
import { observedModel, type Step } from './plan/plan.ts'
import { forbiddenSource } from './plan/sources.ts'
import { tell } from './plan/words.ts'
import type { Failure, ReconcileOptions } from './reconcile.ts'
import type { Target, VersionSource } from './targets/target.ts'
import type { ModelView } from './view.ts'

/** Characters of a reason that a tag keeps. */
const LONGEST_REASON = 500
/** Later years have a sign and more digits, and would not be the last in the order of texts. */
const LATEST = Date.parse('9999-12-31')

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
  const fetched = async (version: string) => {
    await placeOf(model, version, options)
    return registry.download(model, version)
  }
  const filesOf = (version: string) => () => {
    const known = folders.get(version) ?? fetched(version)
    folders.set(version, known)
    return known
  }

  // Later than the one before, so that the newest is always the last.
  const known = lastGood(view.candidates)
  let newest = known === undefined ? 0 : Math.min(Date.parse(known.tags[GOOD_TAG]!) || 0, LATEST)

  async function take(step: Step): Promise<PressroomError | undefined> {
    switch (step.do) {
      case 'check':
        return checkGolden(target, step, await filesOf(step.version)())
      case 'keep':
        newest = Math.max((options.now ?? Date.now)(), newest + 1)
        await registry.setVersionTag(model, step.version, GOOD_TAG, new Date(newest).toISOString())
        return undefined
      case 'reject':
        await registry.setVersionTag(model, step.version, REJECTED_TAG, step.reason)
        return new PressroomError('deployment-failed', step.reason)
      default: {
        const source =
          step.do === 'load' ? await sourceOf(view, step.version, options, filesOf(step.version)) : undefined
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

/**
 * Where a version's files lie. What was planned by is its source, which may lead on to another version and from there to anywhere.
 * @throws PressroomError `deployment-failed` for a place that is not allowed
 */
async function placeOf(
  model: string,
  version: string,
  { registry, policy = DEFAULT_POLICY }: ReconcileOptions,
): Promise<string> {
  const uri = await registry.getDownloadUri(model, version)
  const forbidden = forbiddenSource(uri, policy.sources, await ownFolders(registry, policy))
  if (forbidden === undefined) return uri
  throw new PressroomError('deployment-failed', `${model} ${version} may not be fetched: ${forbidden}`, {
    fix: 'name the place in the deployment file’s sources, if it is to be trusted',
  })
}

/** @throws PressroomError `deployment-failed` when the registry does not have the version, or no digest of it */
async function sourceOf(
  { model, versions }: ModelView,
  version: string,
  options: ReconcileOptions,
  files: () => Promise<string>,
): Promise<VersionSource> {
  const found = versions.find(each => each.version === version)
  if (found === undefined) {
    throw new PressroomError('deployment-failed', `${model} ${version} is gone from the registry`, {
      fix: 'point the alias at a version that is there',
    })
  }
  const { digest, aliases, tags } = found
  if (digest === undefined) {
    throw new PressroomError('deployment-failed', `${model} ${version} was not registered by Pressroom`, {
      where: 'nobody can say whether its files are those that were meant',
      fix: 'register the model folder with: pressroom register',
    })
  }
  return { uri: await placeOf(model, version, options), digest, aliases, tags, files }
}

async function failureOf(
  step: Step,
  cause: PressroomError,
  rejected: boolean,
  target: Target,
): Promise<Failure> {
  const { model } = step
  const isTold = rejected && step.do === 'reject'
  const what = `${tell(step, isTold ? 'done' : 'failed')}; ${await whatServes(target, model)}`
  const where = isTold ? undefined : cause.message
  return { model, rejected, error: new PressroomError(cause.code, what, { ...(where && { where }), cause }) }
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
