import type { ModelVersion, RegisteredModel, Registry } from '../core/registry/types.ts'
import { DEFAULT_POLICY, type DeploymentPolicy, type ModelPolicy, policyOf } from './deployment/policy.ts'
import { type Candidate, desire, simplyDesired, type Wish } from './plan/desired.ts'
import { type DesiredModel, observedModel, type Plan, plan } from './plan/plan.ts'
import { forbiddenSource } from './plan/sources.ts'
import type { Observed, ObservedModel } from './plan/state.ts'
import { judge, type Verdict } from './plan/verdict.ts'
import type { Target } from './targets/target.ts'

/** What is asked of a registry. */
type DeployedRegistry = Pick<
  Registry,
  'location' | 'searchModels' | 'searchVersions' | 'getRun' | 'getDownloadUri' | 'download' | 'setVersionTag'
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
  readonly plan: Plan
}

/** A model that could not be looked at. */
export interface BlindView {
  readonly model: string
  readonly error: unknown
}

/**
 * Looks at registry and target and plans, without changing either. The registry's list says what every model's aliases are; only of
 * models that are not as they should be are versions, runs and measurements read: a thousand models at rest cost what one
 * costs.
 * @param among only these models; default all
 */
export async function look(
  options: LookOptions,
  among?: ReadonlySet<string>,
): Promise<readonly (ModelView | BlindView)[]> {
  const { registry, target, policy = DEFAULT_POLICY, signal } = options
  const [models, observed] = await Promise.all([registry.searchModels(), target.observe(signal)])
  const views: (ModelView | BlindView)[] = []
  for (const model of models) {
    const own = policyOf(policy, model.name)
    if (own === undefined || among?.has(model.name) === false) continue
    if (!Object.hasOwn(model.aliases, own.serve)) continue
    views.push(await viewOf(model, own, observed, options).catch(error => ({ model: model.name, error })))
  }
  return views.sort((a, b) => (a.model < b.model ? -1 : 1))
}

async function viewOf(
  { name: model, aliases }: RegisteredModel,
  policy: ModelPolicy,
  all: Observed,
  options: LookOptions,
): Promise<ModelView> {
  const observed = observedModel(all, model)
  const now = (options.now ?? Date.now)()
  const view = { model, policy, observed }
  const simple = simplyDesired(policy, aliases)
  const first = planOf(model, simple, all, now)
  if (first.steps.length === 0 && first.wakeAt === undefined) {
    return { ...view, desired: simple, held: [], versions: [], candidates: [], plan: first }
  }
  const versions = await options.registry.searchVersions(model)
  const named = new Set(Object.values(aliases))
  const candidates = await Promise.all(
    versions.map(version => candidateOf(version, policy, options, named.has(version.version))),
  )
  const { desired, held } = desire(policy, aliases, candidates, observed)
  const verdict =
    desired === undefined ? undefined : await verdictOn(model, desired, policy, observed, now, options.target)
  const planned = desired === undefined ? { steps: [] } : planOf(model, desired, all, now, verdict)
  return { ...view, desired, held, versions, candidates, plan: planned }
}

function planOf(
  model: string,
  desired: DesiredModel,
  observed: Observed,
  now: number,
  verdict?: Verdict,
): Plan {
  const verdicts = verdict === undefined ? undefined : new Map([[model, new Map([[desired.serve, verdict]])]])
  return plan(new Map([[model, desired]]), observed, { now, ...(verdicts && { verdicts }) })
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

/** What was measured in the present step of a rollout; a target that cannot say keeps it from going on. */
async function verdictOn(
  model: string,
  { serve, urgent }: DesiredModel,
  { limits }: ModelPolicy,
  { rollout }: ObservedModel,
  now: number,
  target: Target,
): Promise<Verdict | undefined> {
  if (urgent || rollout?.version !== serve || target.measure === undefined) return undefined
  return judge(await target.measure(model, serve, { from: Math.min(rollout.since, now), to: now }), limits)
}
