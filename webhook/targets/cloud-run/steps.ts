import { PressroomError } from '../../../core/errors.ts'
import type { TargetStep } from '../../plan/state.ts'
import { untilThere } from '../google/looking.ts'
import { inCloudStorage } from '../google/staging.ts'
import { conflictOf, mustShift } from '../google/state.ts'
import type { StepContext, VersionSource } from '../target.ts'
import type { CloudRunServices } from './client.ts'
import { OWNER, OWNER_LABEL, revisionName, STATE, serviceId, tagOf } from './names.ts'
import { type KeptState, readService, type ServiceRecord } from './read.ts'
import type { TrafficMessage } from './services.ts'
import type { CloudRunSettings } from './settings.ts'
import { templateOf } from './template.ts'

type Step<D extends TargetStep['do']> = Extract<TargetStep, { readonly do: D }>

/**
 * Makes a revision of a version, without traffic but with a tag, by which it has an address of its own, and waits until it
 * is ready. What somebody else began is waited for first.
 * @throws PressroomError `deployment-conflict` when another deployer changed the service in between
 */
export async function load(
  services: CloudRunServices,
  settings: CloudRunSettings,
  { model, version }: Step<'load'>,
  source: VersionSource,
): Promise<void> {
  const id = serviceId(model)
  if (isLoaded(await settled(services, model), version)) return
  const uri = await inCloudStorage(source, settings.stagingUri, services.waiting.signal)
  const there = await settled(services, model)
  if (there === undefined) {
    const revision = revisionName(id, version, source.digest)
    const kept: KeptState = { model, revisions: { [version]: revision }, open: false }
    const service = {
      labels: { ...settings.labels, [OWNER_LABEL]: OWNER },
      annotations: { [STATE]: JSON.stringify(kept) },
      template: templateOf(settings, { model, version }, revision, uri),
      traffic: [target(revision, version, 100)],
    }
    // Lost to another deployer, the service is there now, and this version goes into it.
    if (!(await services.create(service, id)))
      return load(services, settings, { do: 'load', model, version }, source)
  } else if (!isLoaded(there, version)) {
    const { name, etag, annotations, traffic } = there.message
    const revision = revisionName(id, version, etag)
    const kept = { ...there.kept, revisions: { ...there.kept.revisions, [version]: revision } }
    const others = traffic.filter(({ tag }) => tag !== tagOf(version))
    await guarded(model, () =>
      services.update(
        {
          name,
          etag,
          annotations: { ...annotations, [STATE]: JSON.stringify(kept) },
          template: templateOf(settings, { model, version }, revision, uri),
          traffic: [...others, target(revision, version, 0)],
        },
        ['annotations', 'template', 'traffic'],
      ),
    )
  }
  const look = async () => isLoaded(await settled(services, model), version) || undefined
  if ((await untilThere(look, services.waiting)) === undefined) {
    throw new PressroomError('deployment-failed', `${model} ${version} did not become ready`, {
      where: (await settled(services, model))?.message.terminalCondition?.message,
    })
  }
}

/** Replaces the traffic split and the rollout, in one write. */
export async function shift(
  services: CloudRunServices,
  settings: CloudRunSettings,
  step: Step<'shift'>,
  { observed }: StepContext,
): Promise<void> {
  const { model, split, rollout } = step
  const there = await settled(services, model)
  if (!mustShift(model, step, observed, there?.state ?? { versions: [], traffic: {} }) || there === undefined)
    return
  const { rollout: _, ...before } = there.kept
  const kept: KeptState = { ...before, open: true, ...(rollout && { rollout }) }
  const { name, etag, annotations } = there.message
  const opens = settings.public && !there.kept.open
  const changed = {
    name,
    etag,
    annotations: { ...annotations, [STATE]: JSON.stringify(kept) },
    traffic: [...there.loaded].map(([version, { revision }]) =>
      target(revision, version, split[version] ?? 0),
    ),
    ...(opens && { invokerIamDisabled: true }),
  }
  const paths = ['annotations', 'traffic', ...(opens ? ['invoker_iam_disabled'] : [])]
  await guarded(model, () => services.update(changed, paths))
}

/** Takes a version's tag away, so that no instance of it is kept, and deletes its revision. */
export async function unload(services: CloudRunServices, { model, version }: Step<'unload'>): Promise<void> {
  const there = await settled(services, model)
  const revision = there?.kept.revisions[version]
  if (there === undefined || revision === undefined) return
  const { name, etag, annotations, traffic } = there.message
  const has = traffic.some(each => each.revision === revision && each.percent > 0)
  if (has && there.kept.open) {
    throw new PressroomError('deployment-conflict', `${model} ${version} has traffic`, {
      fix: 'give its traffic to another version first',
    })
  }
  // What a service got with its first revision is nobody's decision: it goes to another version, or goes with the service.
  const [heir] = has ? [...there.loaded].filter(([other]) => other !== version) : []
  if (has && heir === undefined) {
    await guarded(model, () => services.delete(there.id, etag))
    return
  }
  const { [version]: _, ...revisions } = there.kept.revisions
  const changed = {
    name,
    etag,
    annotations: { ...annotations, [STATE]: JSON.stringify({ ...there.kept, revisions }) },
    traffic: traffic
      .filter(each => each.revision !== revision)
      .map(each => (each.revision === heir?.[1].revision ? { ...each, percent: 100 } : each)),
  }
  await guarded(model, () => services.update(changed, ['annotations', 'traffic']))
  await services.deleteRevision(there.id, revision)
}

/** Deletes the model's service with all of its revisions: Cloud Run has no service without one. */
export async function retire(services: CloudRunServices, { model }: Step<'retire'>): Promise<void> {
  const there = await settled(services, model)
  if (there === undefined) return
  const others = Object.keys(there.state.traffic).filter(each => !there.loaded.has(each))
  if (others.length > 0) {
    throw new PressroomError('deployment-failed', `${model} has traffic that Pressroom did not give`, {
      where: `${others.join(' and ')} of the service ${there.id}`,
      fix: 'delete the service by hand if nobody needs it, or take that traffic away first',
    })
  }
  await guarded(model, () => services.delete(there.id, there.message.etag))
}

/** The model's service, when nothing is going on at it. */
export async function settled(services: CloudRunServices, model: string): Promise<ServiceRecord | undefined> {
  const message = await services.settled(serviceId(model))
  if (message === undefined) return undefined
  const found = readService(message)
  if (found !== undefined) return found
  throw new PressroomError(
    'deployment-failed',
    `the service ${serviceId(model)} is not Pressroom's for ${model}`,
    {
      where: `its label ${OWNER_LABEL} or its annotation ${STATE} was changed`,
      fix: 'delete the service, or give both back',
    },
  )
}

function isLoaded(service: ServiceRecord | undefined, version: string): boolean {
  return service?.loaded.has(version) === true
}

function target(revision: string, version: string, percent: number): TrafficMessage {
  return { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision, percent, tag: tagOf(version) }
}

async function guarded(model: string, write: () => Promise<void>): Promise<void> {
  await write().catch(error => {
    throw conflictOf(error, model)
  })
}
