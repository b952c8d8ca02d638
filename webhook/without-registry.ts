import { setTimeout as sleep } from 'node:timers/promises'
import { PressroomError } from '../core/errors.ts'
import { DEFAULT_POLICY, policyOf } from './deployment/policy.ts'
import { judgeTrials } from './judge.ts'
import { observedModel } from './plan/plan.ts'
import { takeBack } from './plan/rejecting.ts'
import type { Observed } from './plan/state.ts'
import { trialWithoutRegistry } from './plan/trials.ts'
import type { BlindView, LookOptions, ModelView } from './view.ts'

/** A registry that drops what it is sent is away for its client only after minutes; a bad version should not serve so long. */
const PATIENCE_MS = 10_000

/** What is to be done for a model without knowing what is wanted of it; undefined when nothing is. */
export async function retreatOf(
  model: string,
  all: Observed,
  options: LookOptions,
): Promise<ModelView | undefined> {
  const policy = policyOf(options.policy ?? DEFAULT_POLICY, model)
  const observed = observedModel(all, model)
  const trial = policy && trialWithoutRegistry(observed, policy.beside)
  if (policy === undefined || trial === undefined) return undefined
  const now = (options.now ?? Date.now)()
  // A target that does not answer either leaves nothing to go by.
  const judged = await judgeTrials(options.target, model, [trial], policy.limits, now).catch(() => [])
  const steps = judged.flatMap(({ version, verdict }) => takeBack(model, version, verdict, observed, now))
  if (steps.length === 0) return undefined
  const unknown = { desired: undefined, held: [], versions: [], candidates: [] }
  return { model, policy, observed, ...unknown, judged, plan: { steps } }
}

/** The same of all models. */
export async function retreatsOf(
  models: readonly string[],
  observed: Observed,
  options: LookOptions,
): Promise<readonly BlindView[]> {
  const views = await Promise.all(models.map(model => retreatOf(model, observed, options)))
  return views.flatMap(view => (view ? [{ model: view.model, error: undefined, retreat: view }] : []))
}

/**
 * Waits for the registry for as long as there is nothing to do without it, looking every ten seconds whether there is.
 * @param help what is to be done; undefined when nothing is
 * @throws PressroomError what asking the registry throws; `server-unreachable` when there is something to do, or somebody waits, and it has not answered
 */
export async function unlessNeeded<T>(
  asked: Promise<T>,
  help: () => Promise<unknown>,
  { patience = PATIENCE_MS, hurried = false }: LookOptions,
): Promise<T> {
  const answer = asked.then(value => ({ value }))
  // It may be given up before it fails.
  answer.catch(() => {})
  for (;;) {
    const over = new AbortController()
    const late = sleep(patience, undefined, { signal: over.signal }).catch(() => undefined)
    const first = await Promise.race([answer, late]).finally(() => over.abort())
    if (first !== undefined) return first.value
    if (!hurried && (await help()) === undefined) continue
    throw new PressroomError('server-unreachable', `the registry has not answered for ${patience / 1000} s`)
  }
}
