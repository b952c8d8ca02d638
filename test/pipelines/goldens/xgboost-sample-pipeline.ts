import { readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import {
  artifact,
  container,
  ifPresent,
  integer,
  number,
  optionalArtifact,
  pipeline,
  struct,
  text,
} from '../../../pipelines/index.ts'
import type { PipelineSpec } from '../../../pipelines/specification.ts'

const GOLDEN = new URL('../../../../shared/kfp-goldens/full/xgboost_sample_pipeline.yaml', import.meta.url)

/** The programs are somebody else's: they are read from the golden, and all around them is written here. */
function programs(): (component: string, position: number) => string {
  const { deploymentSpec } = load(readFileSync(GOLDEN, 'utf8')) as PipelineSpec
  return (component, position) => deploymentSpec!.executors[`exec-${component}`]!.container!.command![position]!
}

const COLUMNS =
  'trip_id,taxi_id,trip_start_timestamp,trip_end_timestamp,trip_seconds,trip_miles,pickup_census_tract,' +
  'dropoff_census_tract,pickup_community_area,dropoff_community_area,fare,tips,tolls,extras,trip_total,' +
  'payment_type,company,pickup_centroid_latitude,pickup_centroid_longitude,pickup_centroid_location,' +
  'dropoff_centroid_latitude,dropoff_centroid_longitude,dropoff_centroid_location'

const any = artifact('any', '')
const flag = (name: string) => `--${name.replaceAll('_', '-')}`

function components() {
  const program = programs()
  const python = (name: string) => ['sh', '-c', program(name, 2), 'python3', '-u', '-c', program(name, 6)]
  const taxi = container(
    {
      name: 'Chicago Taxi Trips dataset',
      inputs: {
        where: text({
          help: '',
          default: 'trip_start_timestamp>="1900-01-01" AND trip_start_timestamp<"2100-01-01"',
        }),
        limit: integer({ help: '', default: 1000 }),
        select: text({ help: '', default: COLUMNS }),
        format: text({ help: '', default: 'csv' }),
      },
      outputs: { table: any },
    },
    ({ inputs: { select, where, limit, format }, outputs }) => ({
      image:
        'byrnedo/alpine-curl@sha256:548379d0a4a0c08b9e55d9d87a592b7d35d9ab3037f4936f5ccd09d0b625a342',
      command: [
        ...['sh', '-c', program('chicago-taxi-trips-dataset', 2)],
        ...[outputs.table.path, select, where, limit, format],
      ],
    }),
  )
  const convert = container(
    { name: 'Convert csv to apache parquet', inputs: { data: any }, outputs: { output_data: any } },
    ({ inputs, outputs }) => ({
      image: 'python:3.7',
      command: python('convert-csv-to-apache-parquet'),
      args: ['--data', inputs.data.path, '--output-data', outputs.output_data.path],
    }),
  )
  const settings = {
    num_iterations: integer({ help: '', default: 10 }),
    booster_params: struct({ help: '', optional: true }),
    objective: text({ help: '', default: 'reg:squarederror' }),
    booster: text({ help: '', default: 'gbtree' }),
    learning_rate: number({ help: '', default: 0.3 }),
    min_split_loss: number({ help: '', default: 0 }),
    max_depth: integer({ help: '', default: 6 }),
  }
  const data = { training_data: any, starting_model: optionalArtifact('any', '') }
  const outputs = { model: any, model_config: any }
  const when = (name: string, placeholder: string) => ifPresent(name, [flag(name), placeholder])
  const given = (inputs: Record<string, string>, ...names: string[]) =>
    names.map(name => when(name, inputs[name]!))
  const train = container(
    {
      name: 'Xgboost train',
      inputs: { ...data, label_column: integer({ help: '', default: 0 }), ...settings },
      outputs,
    },
    ({ inputs: { training_data, starting_model, ...inputs }, outputs: { model, model_config } }) => ({
      image: 'python:3.7',
      command: python('xgboost-train'),
      args: [
        ...['--training-data', training_data.path],
        when('starting_model', starting_model.path),
        ...given(inputs, 'label_column', ...Object.keys(settings)),
        ...['--model', model.path, '--model-config', model_config.path],
      ],
    }),
  )
  const trainParquet = container(
    { name: 'Xgboost train', inputs: { ...data, label_column_name: text(''), ...settings }, outputs },
    ({
      inputs: { training_data, starting_model, label_column_name, ...inputs },
      outputs: { model, model_config },
    }) => ({
      image: 'python:3.7',
      command: python('xgboost-train-2'),
      args: [
        ...['--training-data', training_data.path, '--label-column-name', label_column_name],
        when('starting_model', starting_model.path),
        ...given(inputs, ...Object.keys(settings)),
        ...['--model', model.path, '--model-config', model_config.path],
      ],
    }),
  )
  const predict = container(
    {
      name: 'Xgboost predict',
      inputs: { data: any, model: any, label_column: integer({ help: '', optional: true }) },
      outputs: { predictions: any },
    },
    ({ inputs: { data, model, label_column }, outputs: { predictions } }) => ({
      image: 'python:3.7',
      command: python('xgboost-predict'),
      args: [
        ...['--data', data.path, '--model', model.path],
        when('label_column', label_column),
        ...['--predictions', predictions.path],
      ],
    }),
  )
  const predictParquet = container(
    {
      name: 'Xgboost predict',
      inputs: { data: any, model: any, label_column_name: text({ help: '', optional: true }) },
      outputs: { predictions: any },
    },
    ({ inputs: { data, model, label_column_name }, outputs: { predictions } }) => ({
      image: 'python:3.7',
      command: python('xgboost-predict-2'),
      args: [
        ...['--data', data.path, '--model', model.path],
        when('label_column_name', label_column_name),
        ...['--predictions', predictions.path],
      ],
    }),
  )
  return { taxi, convert, train, trainParquet, predict, predictParquet }
}

export default pipeline({ name: 'xgboost-sample-pipeline' }, () => {
  const { taxi, convert, train, trainParquet, predict, predictParquet } = components()
  const { table } = taxi({
    where: 'trip_start_timestamp >= "2019-01-01" AND trip_start_timestamp < "2019-02-01"',
    select:
      'tips,trip_seconds,trip_miles,pickup_community_area,dropoff_community_area,fare,tolls,extras,trip_total',
    limit: 10000,
  })
  const { output_data } = convert({ data: table })
  const options = { num_iterations: 200, objective: 'reg:squarederror' }
  const onTable = train({ training_data: table, label_column: 0, ...options })
  predict({ data: table, model: onTable.model, label_column: 0 })
  const onParquet = trainParquet({ training_data: output_data, label_column_name: 'tips', ...options })
  predictParquet({ data: output_data, model: onParquet.model, label_column_name: 'tips' })
  predictParquet({ data: output_data, model: onTable.model, label_column_name: 'tips' })
  predict({ data: table, model: onParquet.model, label_column: 0 })
})
