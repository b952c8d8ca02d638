import { aString, objectWith } from '../../decode.ts'
import { PressroomError } from '../../errors.ts'
import { faultOf, isOk, readJson, refusal } from './answer.ts'
import type { MlflowApi } from './api.ts'
import { anExperimentRecord } from './records.ts'

interface Experiment {
  readonly id: string
  readonly name: string
}

const anExperiment = objectWith({ experiment: anExperimentRecord })
const EXPERIMENTS_A_PAGE = 1000

/** The experiment of that name, or undefined. @throws PressroomError `server-refused` for a deleted one. */
export async function findExperiment(api: MlflowApi, name: string): Promise<Experiment | undefined> {
  const found = await api.find('experiments/get-by-name', { experiment_name: name }, anExperiment)
  if (found === undefined) return undefined
  const { experiment_id: id, lifecycle_stage } = found.experiment
  if (lifecycle_stage === 'active') return { id, name }
  // Its name stays taken, and MLflow refuses every run in it.
  throw new PressroomError('server-refused', `the experiment ${JSON.stringify(name)} was deleted`, {
    where: api.endpoint,
    fix: 'restore it, or have it removed for good: mlflow gc',
  })
}

/** The id of the experiment of that name, made when there is none. */
export async function makeExperiment(api: MlflowApi, name: string): Promise<string> {
  const found = await findExperiment(api, name)
  if (found !== undefined) return found.id
  const answer = await api.answer('POST', 'experiments/create', { name })
  if (isOk(answer)) return readJson(answer, objectWith({ experiment_id: aString })).experiment_id
  // Somebody else, or an earlier try whose answer was lost.
  const taken = faultOf(answer)?.code === 'RESOURCE_ALREADY_EXISTS'
  const existing = taken ? await findExperiment(api, name) : undefined
  if (existing === undefined) throw refusal(answer)
  return existing.id
}

/** All that are not deleted. */
export async function listExperiments(api: MlflowApi): Promise<Experiment[]> {
  const query = { max_results: EXPERIMENTS_A_PAGE }
  const experiments: Experiment[] = []
  for await (const { experiment_id, name } of api.list(
    'POST',
    'experiments/search',
    'experiments',
    query,
    anExperimentRecord,
  )) {
    experiments.push({ id: experiment_id, name })
  }
  return experiments
}

/**
 * The bucket that a server without `--serve-artifacts` was started with. The experiment 0 was made by the server itself, below its default
 * artifact root; of any other, whoever made it may have chosen the place (mlflow/store/tracking/sqlalchemy_store.py,
 * _create_default_experiment).
 */
export async function bucketOfServer(api: MlflowApi): Promise<string | undefined> {
  const found = await api.find('experiments/get', { experiment_id: '0' }, anExperiment)
  return /^((?:gs|s3):\/\/.+)\/0$/.exec(found?.experiment.artifact_location ?? '')?.[1]
}

export async function experimentName(api: MlflowApi, id: string): Promise<string> {
  return (await api.get('experiments/get', { experiment_id: id }, anExperiment)).experiment.name
}
