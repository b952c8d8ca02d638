import {
  aBoolean,
  aCount,
  aString,
  aStringLike,
  type Decoded,
  listOf,
  maybe,
  objectOf,
  oneOf,
  recordOf,
} from '../../../core/decode.ts'
import { PressroomError } from '../../../core/errors.ts'

const aName = aStringLike(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'a name as Kubernetes has them')
const aQuantity = aStringLike(/^\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi)?$/, 'a quantity such as 500m or 1Gi')
const anAddress = aStringLike(/^https?:\/\/\S+$/, 'an http or https address')
const resources = maybe(recordOf(aQuantity))

const aSettings = objectOf({
  kubeconfig: maybe(aString),
  context: maybe(aString),
  namespace: maybe(aName),
  image: maybe(aString),
  imagePullSecret: maybe(aName),
  port: maybe(aCount),
  env: maybe(recordOf(aString)),
  envFromSecret: maybe(aName),
  serviceAccount: maybe(aName),
  requests: resources,
  limits: resources,
  nodeSelector: maybe(recordOf(aString)),
  minReplicas: maybe(aCount),
  maxReplicas: maybe(aCount),
  cpuPercent: maybe(aCount),
  splitReplicas: maybe(aCount),
  readySeconds: maybe(aCount),
  volume: maybe(objectOf({ claim: aName, registryPath: aString })),
  fetchImages: maybe(objectOf({ gs: maybe(aString), s3: maybe(aString) })),
  serviceType: maybe(oneOf('ClusterIP', 'NodePort', 'LoadBalancer')),
  gateway: maybe(
    objectOf({
      name: aName,
      namespace: maybe(aName),
      hostnames: maybe(listOf(aString)),
      mirror: maybe(aBoolean),
    }),
  ),
  prometheusUrl: maybe(anAddress),
})

type Given = Decoded<typeof aSettings>

/** What the target on Kubernetes is told, defaults filled in. */
export interface KubernetesSettings extends Given {
  /** Where everything is made. Default `default`. */
  readonly namespace: string
  /** The serving container's image. Default CONTAINER_IMAGE_URI. */
  readonly image: string
  /** Where it listens. Default 8080. */
  readonly port: number
  /** Pods of each version. Default 2. More at most than at least brings an autoscaler. */
  readonly minReplicas: number
  readonly maxReplicas: number
  /** Percent of the requested CPU that the autoscaler aims at. Default 70. */
  readonly cpuPercent: number
  /** The most pods of all versions together while traffic is split by their numbers. Default 10. */
  readonly splitReplicas: number
  /** Seconds that a version may take to be ready. Default 600. */
  readonly readySeconds: number
  readonly requests: Readonly<Record<string, string>>
  readonly serviceType: 'ClusterIP' | 'NodePort' | 'LoadBalancer'
  /** What copies a model folder from a bucket into the pod. */
  readonly fetchImages: { readonly gs: string; readonly s3: string }
}

/**
 * Reads the settings of the target on Kubernetes; docs/kubernetes-target.md lists them.
 * @param value the target's part of a deployment file; undefined when there is none
 * @throws PressroomError `invalid-setting`
 */
export function parseKubernetesSettings(
  value: unknown,
  env: Readonly<Record<string, string | undefined>> = process.env,
): KubernetesSettings {
  const given = decoded(value ?? {})
  const image = given.image || env.CONTAINER_IMAGE_URI
  if (!image) throw invalid('it does not say image (or CONTAINER_IMAGE_URI)')
  if (/\s/.test(image)) throw invalid(`image is "${image}"`, 'name it whole: REGISTRY/NAME:TAG')
  const { minReplicas = 2, maxReplicas = minReplicas, splitReplicas = 10 } = given
  if (minReplicas < 1)
    throw invalid('minReplicas is 0', 'a version without pods cannot answer: give 1 or more')
  if (maxReplicas < minReplicas) throw invalid(`maxReplicas is ${maxReplicas} and minReplicas ${minReplicas}`)
  if (splitReplicas < 2) throw invalid(`splitReplicas is ${splitReplicas}`, 'two versions need two pods')
  return {
    ...given,
    namespace: given.namespace ?? 'default',
    image,
    port: given.port ?? 8080,
    minReplicas,
    maxReplicas,
    cpuPercent: given.cpuPercent ?? 70,
    splitReplicas,
    readySeconds: given.readySeconds ?? 600,
    requests: given.requests ?? { cpu: '250m', memory: '256Mi' },
    serviceType: given.serviceType ?? 'ClusterIP',
    fetchImages: {
      gs: given.fetchImages?.gs ?? 'gcr.io/google.com/cloudsdktool/google-cloud-cli:slim',
      s3: given.fetchImages?.s3 ?? 'public.ecr.aws/aws-cli/aws-cli:latest',
    },
  }
}

function decoded(value: unknown): Given {
  try {
    return aSettings(value, 'kubernetes')
  } catch (error) {
    throw invalid((error as Error).message)
  }
}

function invalid(where: string, fix?: string): PressroomError {
  return new PressroomError('invalid-setting', 'the kubernetes target cannot be used like this', {
    where,
    fix,
  })
}
