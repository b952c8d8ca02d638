import { copyFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FittedInfo, type GraphInfo, loadModel, type ModelInfo } from '../../core/model/index.ts'
import { requireFiles } from '../../core/registry/artifacts.ts'
import type { DatasetInput, Registry } from '../../core/registry/index.ts'
import { checkAlias, checkModelName } from '../../core/registry/names.ts'
import { STAGES_ARE_DEPRECATED } from '../../core/registry/references.ts'
import { writeFolderAtomic } from '../../core/storage/atomic.ts'
import { digestFolder } from '../../core/storage/digest.ts'
import { readFailure } from '../../core/storage/failures.ts'
import type { StageRun } from '../definition/index.ts'
import { openStageRegistry } from '../open-registry.ts'
import { curveMetrics, fitMetrics, readMetrics } from './metrics.ts'
import type { inputs, outputs } from './stage.ts'

/** Finds a folder's run again when a crash came before its version. */
const DIGEST_TAG = 'pressroom.digest'

const run: StageRun<typeof inputs, typeof outputs> = async ({ inputs, outputs, log, signal }) => {
  const { name, alias } = inputs
  const folder = inputs.model.path
  // Before anything is written: a wrong alias must not leave a version behind.
  checkModelName(name)
  checkAlias(alias)
  const info = await inspect(folder)
  const digest = await digestFolder(folder)
  const evaluated = {
    metrics: inputs.metrics === undefined ? {} : await readMetrics(inputs.metrics.path),
    files: await evaluationFiles(inputs.page?.path, inputs.figures?.path),
  }
  await using registry = await openStageRegistry(inputs.registry, { log, signal })
  signal.throwIfAborted()

  const known = (await registry.searchVersions(name)).find(version => version.digest === digest)
  const runId = known === undefined ? await recordRun(registry, name, digest, info, evaluated) : known.runId
  const { version, reused } = await registry.registerVersion({
    name,
    folder,
    digest,
    tags: { 'pressroom.engine': info.engine },
    ...(runId !== undefined && { runId }),
  })
  const previous = await registry.setAlias(name, alias, version.version)
  if (previous !== undefined && previous !== version.version) log.info(`${alias} was ${name} ${previous}`)
  if (inputs.stage !== undefined) {
    log.warn(STAGES_ARE_DEPRECATED)
    await registry.transitionStage(name, version.version, inputs.stage)
  }
  // Where there is no store between the steps, a path is what they can open.
  const { path, uri } = inputs.model
  const experiment = { run_id: version.runId ?? null, model_path: uri.startsWith('file:') ? path : uri }
  await writeHandoff(outputs.handoff.path, experiment, inputs.metrics?.path)
  return {
    parameters: { version: version.version, reused },
    summary: `${name} ${version.version} @${alias}${reused ? ' (registered before)' : ''}`,
  }
}

export default run

/** The files by which seed 001's steps hand a model on, under the names that those read. */
function writeHandoff(folder: string, experiment: object, metrics: string | undefined): Promise<void> {
  return writeFolderAtomic(folder, async tmp => {
    await writeFile(join(tmp, 'experiment_info.json'), `${JSON.stringify(experiment, undefined, 2)}\n`)
    if (metrics !== undefined) await copyFile(metrics, join(tmp, 'metrics.json'))
  })
}

/** Only what can be loaded, and so served, is registered. */
async function inspect(folder: string): Promise<ModelInfo> {
  await using model = await loadModel(folder)
  return model.info
}

/** What people compare models by; the folder has all of them. */
const VECTORIZER_KEYS = [
  'vectorizer',
  'analyzer',
  'ngramRange',
  'stopWords',
  'minDf',
  'maxDf',
  'maxFeatures',
  'sublinearTf',
] as const

/** The run that the version belongs to: how the model was fitted, and how it did. Made once a digest. */
async function recordRun(
  registry: Registry,
  name: string,
  digest: string,
  info: ModelInfo,
  evaluated: {
    readonly metrics: Readonly<Record<string, number>>
    readonly files: Readonly<Record<string, string>>
  },
): Promise<string> {
  const tags = { [DIGEST_TAG]: digest }
  const curves = curveMetrics(info)
  const [begun] = await registry.searchRuns({ experiment: name, tags, limit: 1 })
  const { id } =
    begun ??
    (await registry.createRun({
      experiment: name,
      name: `${name} ${digest.slice('sha256:'.length, 'sha256:'.length + 8)}`,
      tags,
      params: paramsOf(info),
      metrics: { ...fitMetrics(info, curves), ...evaluated.metrics },
      datasets: [trainingRows(info)],
    }))
  await registry.logMetrics(id, curves)
  await registry.logArtifacts(id, evaluated.files)
  await registry.finishRun(id, 'FINISHED')
  return id
}

/** What evaluate drew, by its path in the run. Before a run is begun, so that a wrong path leaves none behind. */
async function evaluationFiles(page?: string, figures?: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  if (page !== undefined) files['evaluation/page.html'] = page
  const charts = figures === undefined ? [] : await namesIn(figures)
  for (const name of charts) files[`evaluation/${name}`] = join(figures!, name)
  await requireFiles(Object.values(files))
  return files
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(error => {
    throw readFailure(error, folder)
  })
}

/** Known by their fingerprint alone: the folder does not say where the rows were. */
function trainingRows({ fingerprints: { data } }: ModelInfo): DatasetInput {
  return {
    name: 'rows',
    digest: data.replace(/^sha256:/, '').slice(0, 36),
    source: data,
    context: 'training',
  }
}

function paramsOf(info: ModelInfo): Record<string, string> {
  return {
    engine: info.engine,
    classes: String(info.labels.length),
    learner: info.learner.kind,
    ...('graph' in info ? graphParams(info) : featureParams(info)),
    'fingerprints.data': info.fingerprints.data,
    'fingerprints.code': info.fingerprints.code,
  }
}

function featureParams({ features, settings }: FittedInfo): Record<string, string> {
  const text = Object.entries(settings.text).flatMap(([name, settings]) =>
    VECTORIZER_KEYS.map(key => [`text.${name}.${key}`, String(settings[key])]),
  )
  return { features: String(features), ...Object.fromEntries(text) }
}

function graphParams({ graph: { producer, opsets, digest } }: GraphInfo): Record<string, string> {
  const versions = Object.entries(opsets).map(([domain, version]) => `${domain} ${version}`)
  return { 'graph.producer': producer, 'graph.opsets': versions.join(', '), 'graph.digest': digest }
}
