import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { objectWith } from '../../decode.ts'
import { PressroomError } from '../../errors.ts'
import { digestFolder } from '../../storage/digest.ts'
import { readFailure } from '../../storage/failures.ts'
import { eachOf } from '../../storage/object-folders.ts'
import type { ModelVersion, RegisterRequest } from '../types.ts'
import { isAbsent, isOk, refusal } from './answer.ts'
import type { MlflowApi } from './api.ts'
import { type ArtifactFolder, openArtifacts } from './artifacts.ts'
import { makeExperiment } from './experiments.ts'
import { DIGEST_TAG, listVersions, makeModel } from './models.ts'
import { aLoggedModelRecord, aVersionRecord, pairs, type RunRecord } from './records.ts'
import { beginRun, endRun, ORIGIN_TAGS, requireRun, sendBatches } from './runs.ts'
import { placeOf } from './sources.ts'

/**
 * Registers a folder: files first, the version last, so that whoever is stopped midway leaves files that no version names.
 * MLflow gives the same source a new version each time; here a folder's digest, kept as a tag, has one.
 */
export async function registerFolder(
  api: MlflowApi,
  request: RegisterRequest,
): Promise<{ version: ModelVersion; reused: boolean }> {
  const { name, folder, digest, runId } = request
  await requireDigest(folder, digest)
  const [known] = await oldestOf(api, name, digest)
  if (known !== undefined) {
    await mend(await openArtifacts(api.transport, await placeOf(api, known)), folder)
    return { version: known, reused: true }
  }
  const run = runId === undefined ? undefined : await requireRun(api, runId)
  const { modern } = await api.version()
  const stored = modern ? await logModel(api, request, run) : await logArtifacts(api, request, run)
  await makeModel(api, name)
  const made = await createVersion(api, request, stored)
  // Two that registered the same folder at once both see both versions by now; the older one counts.
  const [first] = await oldestOf(api, name, digest)
  if (first !== undefined && first.version !== made) {
    const answer = await api.answer('DELETE', 'model-versions/delete', { name, version: made })
    // Gone already, when an earlier try's answer was lost.
    if (!isOk(answer) && !isAbsent(answer)) throw refusal(answer)
    return { version: first, reused: true }
  }
  if (first === undefined) {
    throw new PressroomError(
      'server-answer',
      `${api.endpoint} does not show ${name} ${made}, which it just made`,
      {
        fix: 'register the folder again',
      },
    )
  }
  return { version: first, reused: false }
}

async function oldestOf(api: MlflowApi, name: string, digest: string): Promise<ModelVersion[]> {
  return (await listVersions(api, name, digest)).reverse()
}

/** Where the files went, as `model-versions/create` is told. */
type Stored = Readonly<Record<'source' | 'run_id' | 'model_id', string | undefined>>

/** As a logged model of MLflow 3: with the run's params and metrics, and linked to the run. */
async function logModel(api: MlflowApi, request: RegisterRequest, run?: RunRecord): Promise<Stored> {
  const experiment_id = run?.info.experiment_id ?? (await makeExperiment(api, request.name))
  const { model } = await api.post(
    'logged-models',
    {
      experiment_id,
      // No logged model may be called with one of these.
      name: request.name.replace(/[/:.%"']/g, '-'),
      model_type: 'text-classifier',
      ...(run && { source_run_id: run.info.run_id }),
      params: pairs(run?.data.params ?? {}),
      tags: pairs({ ...ORIGIN_TAGS, [DIGEST_TAG]: request.digest }),
    },
    aLoggedModelRecord,
  )
  const { model_id, artifact_uri } = model.info
  const finish = (status: string) =>
    api.send('PATCH', `logged-models/${model_id}`, { model_id, status: `LOGGED_MODEL_${status}` })
  try {
    await upload(await openArtifacts(api.transport, artifact_uri), request.folder)
  } catch (error) {
    await finish('UPLOAD_FAILED').catch(() => {})
    throw error
  }
  await finish('READY')
  if (run !== undefined) await linkModel(api, run, model_id)
  return { source: `models:/${model_id}`, run_id: run?.info.run_id, model_id }
}

/** Makes the model the run's output, and the run's metrics the model's. */
async function linkModel(api: MlflowApi, run: RunRecord, model_id: string): Promise<void> {
  const { run_id } = run.info
  const answer = await api.answer('POST', 'runs/outputs', { run_id, models: [{ model_id, step: 0 }] })
  if (!isOk(answer)) {
    // A second time is refused: an earlier try's answer may have been lost.
    const { outputs } = await requireRun(api, run_id)
    if (!outputs?.model_outputs?.some(output => output.model_id === model_id)) throw refusal(answer)
  }
  const metrics = (run.data.metrics ?? []).filter(({ value }) => Number.isFinite(value))
  await sendBatches(api, run_id, { metrics: metrics.map(metric => ({ ...metric, model_id })) })
}

/** As plain files of a run, for servers that have no logged models. */
async function logArtifacts(api: MlflowApi, request: RegisterRequest, given?: RunRecord): Promise<Stored> {
  const { name, digest, folder } = request
  const run = given ?? (await beginRun(api, { experiment: name, name: `${name} ${digest.slice(7, 15)}` }))
  const { run_id, artifact_uri } = run.info
  const source = `${artifact_uri}/model-${digest.slice(7, 23)}`
  await upload(await openArtifacts(api.transport, source), folder)
  if (given === undefined) await endRun(api, run_id, 'FINISHED')
  return { source, run_id, model_id: undefined }
}

async function createVersion(
  api: MlflowApi,
  { name, digest, tags = {}, description }: RegisterRequest,
  stored: Stored,
): Promise<string> {
  const body = { name, ...stored, description, tags: pairs({ ...tags, [DIGEST_TAG]: digest }) }
  const decoder = objectWith({ model_version: aVersionRecord })
  // A try whose answer was lost leaves a second version, which goes as another registration's does.
  return (await api.post('model-versions/create', body, decoder)).model_version.version
}

/** @throws PressroomError `model-damaged` when the folder is not what it is said to be; what reading it can throw. */
async function requireDigest(folder: string, digest: string): Promise<void> {
  const found = await digestFolder(folder)
  if (found === digest) return
  throw new PressroomError('model-damaged', `${folder} is not the folder that was to be registered`, {
    where: `its files digest to ${found}, not to ${digest}`,
    fix: 'let nothing write there meanwhile, and register it again',
  })
}

async function upload(artifacts: ArtifactFolder, folder: string): Promise<void> {
  const files = await filesOf(folder)
  await eachOf(files, ({ path }) => artifacts.write(path, join(folder, path)))
}

/** Uploads what is missing, or has another size, of a version that is there already. */
async function mend(artifacts: ArtifactFolder, folder: string): Promise<void> {
  const stored = new Map<string, number>()
  for await (const { path, bytes } of artifacts.list()) stored.set(path, bytes)
  const amiss = (await filesOf(folder)).filter(({ path, bytes }) => stored.get(path) !== bytes)
  await eachOf(amiss, ({ path }) => artifacts.write(path, join(folder, path)))
}

/** `requireDigest` has refused links and devices. */
async function filesOf(folder: string): Promise<{ readonly path: string; readonly bytes: number }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(error => {
    throw readFailure(error, folder)
  })
  const paths = entries.flatMap(entry => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []))
  return Promise.all(
    paths.map(async path => ({
      path: path.slice(folder.length + 1).replaceAll('\\', '/'),
      bytes: (await stat(path)).size,
    })),
  )
}
