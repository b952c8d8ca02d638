import {
  aCount,
  anObject,
  aString,
  type Decoder,
  listOf,
  objectWith,
  orAbsent,
  recordOf,
} from '../../../core/decode.ts'
import { aPod, aPodEvent } from '../../../core/kubernetes/pods.ts'
import type { RouteRecord, ServiceRecord } from './read.ts'
import type { DeploymentRecord } from './readiness.ts'

/*
 * What the API server answers, as far as it is read here. Whole parts stand where they are compared with what was applied.
 */

const texts = orAbsent(recordOf(aString))

const aService = objectWith({
  metadata: objectWith({ name: aString, resourceVersion: aString, annotations: texts }),
  spec: objectWith({ selector: texts }),
}) as Decoder<ServiceRecord>

const aRouteSpec = objectWith({
  rules: orAbsent(
    listOf(
      objectWith({
        backendRefs: orAbsent(listOf(objectWith({ name: aString, weight: orAbsent(aCount) }))),
      }),
    ),
  ),
})

const aRoute = objectWith({
  metadata: objectWith({ name: aString, annotations: texts }),
  spec: (value, at) => {
    aRouteSpec(value, at)
    return value
  },
}) as Decoder<RouteRecord>

const aDeployment = objectWith({
  metadata: objectWith({
    name: aString,
    generation: orAbsent(aCount),
    deletionTimestamp: orAbsent(aString),
    annotations: texts,
  }),
  spec: objectWith({
    replicas: orAbsent(aCount),
    template: objectWith({
      metadata: orAbsent(objectWith({ labels: texts })),
      spec: orAbsent(
        objectWith({ containers: orAbsent(listOf(anObject)), initContainers: orAbsent(listOf(anObject)) }),
      ),
    }),
  }),
  status: orAbsent(
    objectWith({
      observedGeneration: orAbsent(aCount),
      replicas: orAbsent(aCount),
      updatedReplicas: orAbsent(aCount),
      availableReplicas: orAbsent(aCount),
      conditions: orAbsent(
        listOf(
          objectWith({
            type: aString,
            status: aString,
            reason: orAbsent(aString),
            message: orAbsent(aString),
          }),
        ),
      ),
    }),
  ),
}) as Decoder<DeploymentRecord>

const anAutoscaler = objectWith({
  spec: objectWith({ minReplicas: orAbsent(aCount), maxReplicas: aCount }),
})

/** The kinds that are read, each with its decoder. */
export const RECORDS = {
  Deployment: aDeployment,
  HTTPRoute: aRoute,
  HorizontalPodAutoscaler: anAutoscaler,
  Service: aService,
  Pod: aPod,
  Event: aPodEvent,
} as const

export type RecordOf<K extends keyof typeof RECORDS> = ReturnType<(typeof RECORDS)[K]>
