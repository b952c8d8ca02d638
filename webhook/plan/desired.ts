import { own } from '../../core/object.ts'
import { AT_ONCE, type Beside, type Gates, type ModelPolicy } from '../deployment/policy.ts'
import type { DesiredModel, Step } from './plan.ts'
import { type ObservedModel, shareOf } from './state.ts'

/** Why a version is out, until somebody takes the tag away. */
export const REJECTED_TAG = 'pressroom.rejected'
/** When a version was last found good, brought in to the end or replaced: ISO 8601, in UTC. */
export const GOOD_TAG = 'pressroom.good'

/** What a registry says of a version, as far as it decides. */
export interface Candidate {
  readonly version: string
  readonly tags: Readonly<Record<string, string>>
  /** Of its run, by name; none when it has no run. */
  readonly metrics: Readonly<Record<string, number>>
  /** Why its files may not be fetched; undefined when they may. */
  readonly forbidden: string | undefined
}

/** A version that an alias names and that is not brought in. */
export interface Held {
  readonly alias: string
  readonly version: string
  /** For a person. */
  readonly reason: string
}

/** What is wanted of a model; undefined leaves it as it is. */
export interface Wish {
  readonly desired: DesiredModel | undefined
  readonly held: readonly Held[]
}

/**
 * What is wanted of one model. A version that is held (rejected, without what the gates ask for, from elsewhere) is not brought in: what
 * serves goes on serving. Where nothing serves any more, the last that was good comes back first, also for a version that was on its
 * way in: what made the target lose everything may have been that one.
 * @param aliases alias to version, as the registry has them
 * @param versions of the model: those that its aliases name at least, and those with {@link GOOD_TAG}
 */
export function desire(
  policy: ModelPolicy,
  aliases: Readonly<Record<string, string>>,
  versions: readonly Candidate[],
  observed: ObservedModel,
): Wish {
  const known = new Map(versions.map(each => [each.version, each]))
  const held: Held[] = []
  const enter = (alias: string): string | undefined => {
    const version = own(aliases, alias)
    if (version === undefined) return undefined
    const reason = reasonToHold(known.get(version), policy.gates, shareOf(observed, version) > 0)
    if (reason !== undefined) held.push({ alias, version, reason })
    return reason === undefined ? version : undefined
  }
  const entered = enter(policy.serve)
  const good = lastGood(versions)?.version
  const lost = good !== undefined && !observed.versions.some(version => shareOf(observed, version) > 0)
  const wanted = lost && entered !== good ? undefined : entered
  const serve = wanted ?? fallback(known, observed)
  if (serve === undefined || (wanted === undefined && !Object.hasOwn(aliases, policy.serve))) {
    return { desired: undefined, held }
  }
  const { beside, steps } = policy
  const other = beside === undefined ? undefined : enter(beside.alias)
  return {
    desired: {
      serve,
      // What was good once is gone back to: somebody is in need of it.
      steps: own(known.get(serve)?.tags ?? {}, GOOD_TAG) === undefined ? steps : AT_ONCE,
      patience: policy.limits.within,
      ...(wanted === undefined && { urgent: true }),
      ...(isNoted(versions, observed) && { noted: true }),
      ...accompaniment(beside, other, serve),
    },
    held,
  }
}

/** What is wanted if nothing is held: enough to see that nothing is to be done. */
export function simplyDesired(
  { serve: alias, beside, steps, limits }: ModelPolicy,
  aliases: Readonly<Record<string, string>>,
): DesiredModel | undefined {
  const serve = own(aliases, alias)
  if (serve === undefined) return undefined
  return {
    serve,
    steps,
    patience: limits.within,
    ...accompaniment(beside, beside && own(aliases, beside.alias), serve),
  }
}

/** A version does not stand beside itself. */
function accompaniment(
  beside: Beside | undefined,
  version: string | undefined,
  serve: string,
): Pick<DesiredModel, 'beside'> {
  if (beside === undefined || version === undefined || version === serve) return {}
  return { beside: { version, as: beside.as, share: beside.share } }
}

/** @param inside it serves already: gates are for who comes in */
function reasonToHold(candidate: Candidate | undefined, gates: Gates, inside: boolean): string | undefined {
  if (candidate === undefined) return 'the registry does not have it any more'
  const { tags, metrics, forbidden } = candidate
  const rejected = own(tags, REJECTED_TAG)
  if (rejected !== undefined)
    return `it was rejected (${rejected}); remove its tag ${REJECTED_TAG} to try again`
  if (inside) return undefined
  const faults = forbidden === undefined ? [] : [forbidden]
  for (const [tag, value] of Object.entries(gates.tags)) {
    const has = own(tags, tag)
    if (has === value) continue
    faults.push(
      `its tag ${tag} is ${has === undefined ? 'not set' : JSON.stringify(has)}, not ${JSON.stringify(value)}`,
    )
  }
  for (const [metric, least] of Object.entries(gates.metrics)) {
    const has = own(metrics, metric)
    if (has === undefined) faults.push(`its run has no metric ${metric}, of which ${least} is the least`)
    else if (!(has >= least)) faults.push(`its ${metric} is ${has}, below ${least}`)
  }
  if (gates.approval !== undefined && !own(tags, gates.approval)) {
    faults.push(`nobody has approved it: its tag ${gates.approval} is not set`)
  }
  return faults.length === 0 ? undefined : faults.join('; ')
}

/** What goes on serving, or comes back: what serves most, else the last that was good; never what was rejected. */
function fallback(known: ReadonlyMap<string, Candidate>, observed: ObservedModel): string | undefined {
  const sound = (version: string) => {
    const candidate = known.get(version)
    return candidate === undefined || own(candidate.tags, REJECTED_TAG) === undefined
  }
  const [serving] = observed.versions
    .filter(version => shareOf(observed, version) > 0 && sound(version))
    .sort((a, b) => shareOf(observed, b) - shareOf(observed, a))
  if (serving !== undefined) return serving
  return lastGood([...known.values()])?.version
}

/** Whether the registry has what the target's mark says of a bad version; of one that it does not have there is nothing to note. */
export function isNoted(versions: readonly Candidate[], { rollout }: ObservedModel): boolean {
  if (rollout?.bad === undefined) return false
  const marked = versions.find(({ version }) => version === rollout.version)
  return marked === undefined || own(marked.tags, REJECTED_TAG) !== undefined
}

/** The version that was replaced last, of those that were not rejected. */
export function lastGood(versions: readonly Candidate[]): Candidate | undefined {
  return goodVersions(versions)[0]
}

/**
 * Steps without notes that the registry has, in the order in which they would be made, and without those on versions that it has no more:
 * what serves may have been deleted, and that must not keep the next one out.
 * @param versions all of the model
 */
export function withoutKept(steps: readonly Step[], versions: readonly Candidate[]): readonly Step[] {
  const good = goodVersions(versions)
  const known = new Set(versions.map(({ version }) => version))
  const possible = steps.filter(step => step.do !== 'keep' || known.has(step.version))
  const keeps = possible.filter(step => step.do === 'keep').reverse()
  const allKept = keeps.every(({ version }, i) => good[i]?.version === version)
  const isKept = (step: Step) => step === keeps.at(-1) && step.version === good[0]?.version
  return possible.filter(step => step.do !== 'keep' || !(allKept || isKept(step)))
}

/** The versions that can be gone back to, the last one first. */
function goodVersions(versions: readonly Candidate[]): readonly Candidate[] {
  const since = ({ tags }: Candidate) => own(tags, GOOD_TAG) ?? ''
  return versions
    .filter(
      each =>
        since(each) !== '' && own(each.tags, REJECTED_TAG) === undefined && each.forbidden === undefined,
    )
    .sort((a, b) => (since(a) < since(b) ? 1 : -1))
}
