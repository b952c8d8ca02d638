import { isObject } from '../../../core/object.ts'
import { parsedJson } from '../../../core/parsed-json.ts'
import type { ObservedModel, Rollout } from '../../plan/state.ts'
import { rolloutIn } from '../kept-rollout.ts'
import { ANNOTATION, LABEL, nameOfVersion } from './names.ts'
import { autoscales, deploymentOf, type VersionOnCluster } from './objects.ts'
import { canAnswer, type DeploymentRecord, progressOf } from './readiness.ts'
import { replicasFor, sharesOf } from './replicas.ts'
import type { KubernetesSettings } from './settings.ts'
import { routeOf, selectorFor } from './traffic-objects.ts'

export interface ServiceRecord {
  readonly metadata: {
    readonly name: string
    readonly resourceVersion: string
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec: { readonly selector?: Readonly<Record<string, string>> }
}

export interface RouteRecord {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> }
  readonly spec: { readonly rules?: readonly unknown[] }
}

/** All that the cluster has of one model. */
export interface ModelOnCluster {
  readonly service: ServiceRecord | undefined
  readonly route: RouteRecord | undefined
  /** By version. */
  readonly deployments: ReadonlyMap<string, DeploymentRecord>
}

/** A version as its Deployment tells it; undefined for one that is not ours. */
export function versionOf({ metadata, spec }: DeploymentRecord): VersionOnCluster | undefined {
  const { annotations = {} } = metadata
  const model = annotations[ANNOTATION.model]
  const version = annotations[ANNOTATION.version]
  if (model === undefined || version === undefined) return undefined
  return {
    model,
    version,
    uri: annotations[ANNOTATION.source] ?? '',
    digest: annotations[ANNOTATION.digest] ?? '',
    pooled: spec.template.metadata?.labels?.[LABEL.pool] !== 'out',
  }
}

/** What the plan sees of a model. */
export function readModel(settings: KubernetesSettings, model: string, found: ModelOnCluster): ObservedModel {
  const { service, deployments } = found
  const versions = [...deployments]
    .filter(([, each]) => canAnswer(each) && isAsApplied(settings, each))
    .map(([version]) => version)
  const loading = [...deployments]
    .filter(([version, each]) => !versions.includes(version) && progressOf(each) === 'waiting')
    .map(([version]) => version)
  const kept = readKept(service)
  return {
    versions,
    traffic: trafficOf(settings, model, found, kept.traffic),
    ...(loading.length > 0 && { loading }),
    ...(kept.rollout && { rollout: kept.rollout }),
    ...(kept.shadow && { shadow: kept.shadow }),
    ...(service && { revision: service.metadata.resourceVersion }),
  }
}

/** The annotations of a model's Service; what a person edited into nonsense counts as absent. */
function readKept(service: ServiceRecord | undefined): {
  readonly traffic: Record<string, number>
  readonly shadow?: Record<string, number>
  readonly rollout?: Rollout
} {
  const { annotations = {} } = service?.metadata ?? {}
  const rollout = rolloutIn(parsedJson(annotations[ANNOTATION.rollout] ?? '')?.value)
  const shadow = numbers(annotations[ANNOTATION.shadow])
  return {
    traffic: numbers(annotations[ANNOTATION.traffic]) ?? {},
    ...(shadow && { shadow }),
    ...(rollout && { rollout }),
  }
}

/**
 * Where requests go: as it was asked for while selector, numbers of pods and route agree with that; else what they say
 * themselves, so that the plan brings back what somebody edited, or what a deployer that ended did not finish.
 */
function trafficOf(
  settings: KubernetesSettings,
  model: string,
  { service, route, deployments }: ModelOnCluster,
  asked: Readonly<Record<string, number>>,
): Record<string, number> {
  const selector = service?.spec.selector
  const goesTo = [...deployments].filter(([, { spec }]) =>
    Object.entries(selector ?? { none: '' }).every(
      ([key, value]) => spec.template.metadata?.labels?.[key] === value,
    ),
  )
  const counts = Object.fromEntries(goesTo.map(([version, { spec }]) => [version, spec.replicas ?? 1]))
  const holds = includes(selector, selectorFor(settings, model, asked))
  const { gateway, minReplicas, splitReplicas } = settings
  if (gateway !== undefined) {
    const kept = readKept(service)
    const wanted = routeOf(gateway, model, kept)
    return holds && (Object.keys(asked).length === 0 || includes(route?.spec, wanted.spec))
      ? asked
      : weights(deployments, model, route)
  }
  const serving = Object.entries(asked).filter(([, share]) => share > 0)
  if (!holds) return sharesOf(counts)
  if (serving.length < 2) return asked
  return includes(counts, replicasFor(asked, minReplicas, splitReplicas)) && goesTo.length === serving.length
    ? asked
    : sharesOf(counts)
}

/** What a route that somebody edited gives, in percent. */
function weights(
  deployments: ReadonlyMap<string, DeploymentRecord>,
  model: string,
  route: RouteRecord | undefined,
): Record<string, number> {
  const [rule] = (route?.spec.rules ?? []) as { backendRefs?: { name: string; weight?: number }[] }[]
  const refs = rule?.backendRefs ?? []
  const found = [...deployments.keys()].map((version): [string, number] => [
    version,
    refs.find(({ name }) => name === nameOfVersion(model, version))?.weight ?? 0,
  ])
  return sharesOf(Object.fromEntries(found))
}

/**
 * Whether a Deployment's pods are those that we would apply. Only what the API server gives back as it got it is compared: it
 * rewrites quantities, and adds defaults.
 */
function isAsApplied(settings: KubernetesSettings, deployment: DeploymentRecord): boolean {
  const version = versionOf(deployment)
  if (version === undefined) return false
  const wanted = deploymentOf(settings, version, autoscales(settings))
    .spec as unknown as DeploymentRecord['spec']
  const { labels } = wanted.template.metadata!
  const written = (containers: readonly object[] = []) =>
    containers.map(each => {
      const { image, command, env } = each as { image?: string; command?: unknown; env?: unknown }
      return { image, ...(command !== undefined && { command }), env }
    })
  const { metadata, spec } = deployment.spec.template
  return (
    includes(metadata?.labels, labels) &&
    includes(spec?.containers, written(wanted.template.spec?.containers)) &&
    includes(spec?.initContainers ?? [], written(wanted.template.spec?.initContainers))
  )
}

/** Whether `value` has all that `part` has; lists have the same length. */
function includes(value: unknown, part: unknown): boolean {
  if (Array.isArray(part)) {
    return (
      Array.isArray(value) &&
      value.length === part.length &&
      part.every((each, i) => includes(value[i], each))
    )
  }
  if (!isObject(part)) return value === part
  return isObject(value) && Object.entries(part).every(([key, each]) => includes(value[key], each))
}

function numbers(text: string | undefined): Record<string, number> | undefined {
  const value = parsedJson(text ?? '')?.value
  return isObject(value) && Object.values(value).every(Number.isFinite)
    ? (value as Record<string, number>)
    : undefined
}
