import {
  aMoment,
  aNumberOrText,
  aString,
  type Decoder,
  listOf,
  maybe,
  objectWith,
  oneOf,
} from '../../decode.ts'

/*
 * What MLflow's answers hold, as far as it is used. Lists are absent where they are empty.
 */

const aPair = objectWith({ key: aString, value: aString })

/** `[{key, value}]` as an object. */
const aMap: Decoder<Record<string, string>> = (value, at) =>
  Object.fromEntries((maybe(listOf(aPair))(value, at) ?? []).map(({ key, value }) => [key, value]))

export const aVersionRecord = objectWith({
  name: aString,
  version: aString,
  creation_timestamp: aMoment,
  current_stage: maybe(oneOf('None', 'Staging', 'Production', 'Archived')),
  description: maybe(aString),
  source: maybe(aString),
  run_id: maybe(aString),
  tags: aMap,
  aliases: maybe(listOf(aString)),
})

export const aModelRecord = objectWith({
  name: aString,
  creation_timestamp: aMoment,
  latest_versions: maybe(listOf(objectWith({ version: aString }))),
  aliases: maybe(listOf(objectWith({ alias: aString, version: aString }))),
})

export const aMetricRecord = objectWith({
  key: aString,
  value: aNumberOrText,
  timestamp: aNumberOrText,
  step: (value, at) => aNumberOrText(value ?? 0, at),
})

export const aRunRecord = objectWith({
  info: objectWith({
    run_id: aString,
    run_name: maybe(aString),
    experiment_id: aString,
    status: oneOf('RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'),
    start_time: aMoment,
    end_time: maybe(aMoment),
    artifact_uri: aString,
  }),
  data: objectWith({ metrics: maybe(listOf(aMetricRecord)), params: aMap, tags: aMap }),
  inputs: maybe(
    objectWith({
      dataset_inputs: maybe(
        listOf(
          objectWith({
            tags: aMap,
            dataset: objectWith({ name: aString, digest: aString, source: aString }),
          }),
        ),
      ),
    }),
  ),
  outputs: maybe(objectWith({ model_outputs: maybe(listOf(objectWith({ model_id: aString }))) })),
})

export const anExperimentRecord = objectWith({
  experiment_id: aString,
  name: aString,
  lifecycle_stage: aString,
  artifact_location: maybe(aString),
})

export const aLoggedModelRecord = objectWith({
  model: objectWith({ info: objectWith({ model_id: aString, artifact_uri: aString }) }),
})

export type RunRecord = ReturnType<typeof aRunRecord>

/** An object as MLflow wants it sent. */
export function pairs(values: Readonly<Record<string, string>>): { key: string; value: string }[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }))
}
