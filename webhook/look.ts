import { limitTo } from '../core/at-once.ts'
import type { ModelVersion, RegisteredModel, Registry } from '../core/registry/types.ts'
import { DEFAULT_POLICY, type DeploymentPolicy, type ModelPolicy, policyOf } from './deployment/policy.ts'
import { type Judged, judgeTrials } from './judge.ts'
import { type Candidate, desire, simplyDesired, type Wish, withoutKept } from './plan/desired.ts'
import { type DesiredModel, observedModel, type Plan, plan } from './plan/plan.ts'
import { forbiddenSource } from './plan/sources.ts'
import type { Observed, ObservedModel } from './plan/state.ts'
import { retreat, trialsOf, trialWithoutRegistry } from './plan/trials.ts'
import type { Target } from './targets/target.ts'

/** What is asked of a registry. */
type DeployedRegistry = Pick<
  Registry,
  | 'location'
  | 'searchModels'
  | 'getModel'
  | 'searchVersions'
  | 'getRun'
  | 'getDownloadUri'
  | 'download'
  | 'setVersionTag'
>

/** What is looked at, and by which policy. */
export interface LookOptions {
  readonly registry: DeployedRegistry
  readonly target: Target
  /** Default: every model with a champion, which replaces what served at once. */
  readonly policy?: DeploymentPolicy
  /** Milliseconds since the epoch; default the present. */
  readonly now?: () => number
  readonly signal?: AbortSignal
}

/** One model as it was found, and what is to be done about it. */
export interface ModelView extends Wish {
  readonly model: string
  readonly policy: ModelPolicy
  readonly observed: ObservedModel
  /** Those that decide; none where nothing was to be decided. */
  readonly versions: readonly ModelVersion[]
  readonly candidates: readonly Candidate[]
  /** How the versions on trial do. */
  readonly judged: readonly Judged[]
  readonly plan: Plan
}

/** A model of which the registry, or the target, could not say what is wanted or how it does. */
export interface BlindView {
  readonly model: string
  /** Undefined where it is that of all models. */
  readonly error: unknown
  /** What is to be done all the same, by what the target alone shows. */
  readonly retreat: ModelView | undefined
}

/** What was seen in one look. */
export interface Look {
  /** By name. */
  readonly views: readonly (ModelView | BlindView)[]
  /** Why the registry could not be asked which models there are; views are then of those that are to be helped without it. */
  readonly away?: unknown
}

/** What a target has. */
export type Observe = () => Promise<Observed>

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
  const { registry, target, signal } = options
  const [listed, seen] = await Promise.allSettled([registry.searchModels(), target.observe(signal)])
  if (seen.status === 'rejected') throw seen.reason
  const limit = limitTo(MOST_READ)
  const away = listed.status === 'rejected'
  const views = away
    ? Object.keys(seen.value.models)
        .filter(model => !except.has(model))
        .map(model => limit(() => retreatView(model, seen.value, options)))
    : listed.value
        .filter(({ name }) => !except.has(name))
        .map(model => limit(() => viewOf(model, seen.value, options)))
  const found = (await Promise.all(views)).filter(view => view !== undefined)
  found.sort((a, b) => (a.model < b.model ? -1 : 1))
  return { views: found, ...(away && { away: listed.reason }) }
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
  try {
    const found = await options.registry.getModel(model)
    return found && (await viewOf(found, observed, options))
  } catch (error) {
    return { model, error, retreat: await retreatOf(model, observed, options) }
  }
}

export function isBlind(view: ModelView | BlindView): view is BlindView {
  return 'retreat' in view
}

/** Undefined of a model that is not to be deployed. */
async function viewOf(
  model: RegisteredModel,
  observed: Observed,
  options: LookOptions,
): Promise<ModelView | BlindView | undefined> {
  const policy = policyOf(options.policy ?? DEFAULT_POLICY, model.name)
  if (policy === undefined || !Object.hasOwn(model.aliases, policy.serve)) return undefined
  try {
    return await clearView(model, policy, observed, options)
  } catch (error) {
    return { model: model.name, error, retreat: await retreatOf(model.name, observed, options) }
  }
}

/** Of a model that is to be helped without the registry; undefined of all others. */
async function retreatView(
  model: string,
  observed: Observed,
  options: LookOptions,
): Promise<BlindView | undefined> {
  const found = await retreatOf(model, observed, options)
  return found && { model, error: undefined, retreat: found }
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
  const first = planOf(model, simple, all, now)
  if (first.steps.length === 0 && first.wakeAt === undefined) {
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
  if (desired === undefined) return { ...found, judged: [], plan: { steps: [] } }
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

/** What is to be done for a model without knowing what is wanted of it; undefined when nothing is. */
async function retreatOf(model: string, all: Observed, options: LookOptions): Promise<ModelView | undefined> {
  const policy = policyOf(options.policy ?? DEFAULT_POLICY, model)
  const observed = observedModel(all, model)
  const trial = policy && trialWithoutRegistry(observed, policy.beside)
  if (policy === undefined || trial === undefined) return undefined
  const now = (options.now ?? Date.now)()
  // A target that does not answer either leaves nothing to go by.
  const judged = await judgeTrials(options.target, model, [trial], policy.limits, now).catch(() => [])
  const steps = judged.flatMap(({ version, verdict }) => {
    return verdict.is === 'bad' ? retreat(model, version, verdict.brief, observed, now) : []
  })
  if (steps.length === 0) return undefined
  const unknown = { desired: undefined, held: [], versions: [], candidates: [] }
  return { model, policy, observed, ...unknown, judged, plan: { steps } }
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
  return { version, tags, metrics, forbidden: forbiddenSource(source, policy.sources, registry.location) }
}
