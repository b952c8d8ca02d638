import { limitTo } from '../core/at-once.ts'
import type { ModelVersion, RegisteredModel } from '../core/registry/types.ts'
import { DEFAULT_MODEL, DEFAULT_POLICY, type ModelPolicy, policyOf } from './deployment/policy.ts'
import { type Judged, judgeTrials } from './judge.ts'
import { ownFolders } from './own-folders.ts'
import { type Candidate, desire, isNoted, simplyDesired, withoutKept } from './plan/desired.ts'
import { type DesiredModel, observedModel, type Plan, plan } from './plan/plan.ts'
import { note } from './plan/rejecting.ts'
import { planRetirement } from './plan/retire.ts'
import { forbiddenSource } from './plan/sources.ts'
import type { Observed } from './plan/state.ts'
import { trialsOf } from './plan/trials.ts'
import type { BlindView, Look, LookOptions, ModelView } from './view.ts'
import { retreatOf, retreatsOf, unlessNeeded } from './without-registry.ts'

/** So many models are read about at once: a registry is a server among others. */
const MOST_READ = 10

/**
 * Looks at registry and target and plans, without changing either. The registry's list says what every model's aliases are; only of
 * models that are not as they should be are versions, runs and measurements read: a thousand models at rest cost what one
 * costs. Without the registry, a version on trial that is bad is still to lose its traffic.
 * @param except not at these models
 * @throws whatever observing the target throws
 */
export async function look(options: LookOptions, except: ReadonlySet<string> = new Set()): Promise<Look> {
  const { registry, target, policy = DEFAULT_POLICY, signal } = options
  const names = (observed: Observed) => Object.keys(observed.models).filter(model => !except.has(model))
  const needed = async () => {
    const observed = await target.observe(signal).catch(() => ({ models: {} }))
    const [view] = await retreatsOf(names(observed), observed, options)
    return view
  }
  const listing = unlessNeeded(registry.searchModels(), needed, options)
  const [listed, seen] = await Promise.allSettled([listing, target.observe(signal)])
  if (seen.status === 'rejected') throw seen.reason
  const observed = seen.value
  if (listed.status === 'rejected') {
    const retreats = await retreatsOf(names(observed), observed, options)
    return { views: byName(retreats), away: listed.reason, observed }
  }
  const limit = limitTo(MOST_READ)
  const models = listed.value.filter(({ name }) => !except.has(name))
  const views = await Promise.all(models.map(model => limit(() => viewOf(model, observed, options))))
  const retired = [...policy.retired].filter(name => !except.has(name))
  const all = [...views, ...retired.map(name => retirementOf(name, observed))]
  return { views: byName(all.filter(view => view !== undefined)), observed }
}

/** Of a model to take down the registry is not asked: it may not have it any more. Undefined when there is nothing left of it. */
function retirementOf(model: string, all: Observed): ModelView | undefined {
  const view = { model, policy: DEFAULT_MODEL, observed: observedModel(all, model) }
  const planned = planRetirement(model, all)
  if (planned.steps.length === 0) return undefined
  return { ...view, desired: undefined, held: [], versions: [], candidates: [], judged: [], plan: planned }
}

function byName(views: readonly (ModelView | BlindView)[]): readonly (ModelView | BlindView)[] {
  return views.toSorted((a, b) => (a.model < b.model ? -1 : 1))
}

/**
 * Looks at one model again.
 * @returns undefined when it is not to be deployed any more
 */
export async function lookAt(
  model: string,
  observed: Observed,
  options: LookOptions,
): Promise<ModelView | BlindView | undefined> {
  if (options.policy?.retired.has(model)) return retirementOf(model, observed)
  try {
    const found = await options.registry.getModel(model)
    return found && (await viewOf(found, observed, options))
  } catch (error) {
    return { model, error, retreat: await retreatOf(model, observed, options) }
  }
}

/** Undefined of a model that is not to be deployed. */
async function viewOf(
  model: RegisteredModel,
  observed: Observed,
  options: LookOptions,
): Promise<ModelView | BlindView | undefined> {
  const policy = policyOf(options.policy ?? DEFAULT_POLICY, model.name)
  if (policy === undefined) return undefined
  const isWanted = Object.hasOwn(model.aliases, policy.serve)
  // One that is left as it is may be in the middle of a rollout: bad is bad, and the registry is still to be told what the target remembers.
  if (!isWanted && observedModel(observed, model.name).rollout?.bad === undefined) {
    return retreatOf(model.name, observed, options)
  }
  const needed = () => retreatOf(model.name, observed, options)
  try {
    return await unlessNeeded(clearView(model, policy, observed, options), needed, options)
  } catch (error) {
    return { model: model.name, error, retreat: await retreatOf(model.name, observed, options) }
  }
}

async function clearView(
  { name: model, aliases }: RegisteredModel,
  policy: ModelPolicy,
  all: Observed,
  options: LookOptions,
): Promise<ModelView> {
  const { registry, target } = options
  const observed = observedModel(all, model)
  const now = (options.now ?? Date.now)()
  const view = { model, policy, observed }
  const simple = simplyDesired(policy, aliases)
  const first = simple === undefined ? { steps: [] } : planOf(model, simple, all, now)
  if (simple !== undefined && first.steps.length === 0 && first.wakeAt === undefined) {
    const judged = await judgeTrials(target, model, trialsOf(simple, observed), policy.limits, now)
    if (!judged.some(isBad)) {
      return { ...view, desired: simple, held: [], versions: [], candidates: [], judged, plan: first }
    }
  }
  const versions = await registry.searchVersions(model)
  const named = new Set(Object.values(aliases))
  const candidates = await Promise.all(
    versions.map(version => candidateOf(version, policy, options, named.has(version.version))),
  )
  const { desired, held } = desire(policy, aliases, candidates, observed)
  const found = { ...view, desired, held, versions, candidates }
  if (desired === undefined) {
    const untold = isNoted(candidates, observed) ? [] : note(model, observed.rollout)
    return { ...found, judged: [], plan: { steps: untold } }
  }
  const judged = await judgeTrials(target, model, trialsOf(desired, observed), policy.limits, now)
  const planned = planOf(model, desired, all, now, judged)
  return { ...found, judged, plan: { ...planned, steps: withoutKept(planned.steps, candidates) } }
}

function isBad({ verdict }: Judged): boolean {
  return verdict.is === 'bad'
}

function planOf(
  model: string,
  desired: DesiredModel,
  observed: Observed,
  now: number,
  judged: readonly Judged[] = [],
): Plan {
  const verdicts = new Map([[model, new Map(judged.map(({ version, verdict }) => [version, verdict]))]])
  return plan(new Map([[model, desired]]), observed, { now, verdicts })
}

/** Runs are read only for the versions that could come in, and only where a gate asks for their metrics. */
async function candidateOf(
  { version, tags, source, runId }: ModelVersion,
  { gates }: ModelPolicy,
  { registry, policy = DEFAULT_POLICY }: LookOptions,
  named: boolean,
): Promise<Candidate> {
  const asks = named && Object.keys(gates.metrics).length > 0 && runId !== undefined
  const metrics = asks ? ((await registry.getRun(runId))?.metrics ?? {}) : {}
  const forbidden = forbiddenSource(source, policy.sources, await ownFolders(registry, policy))
  return { version, tags, metrics, forbidden }
}
