import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { PRESSROOM_IMAGE } from '../../../components/image.ts'
import { compileDocuments, toYaml } from '../../../pipelines/compiler/index.ts'
import type { AnyPipeline } from '../../../pipelines/index.ts'
import { digestPath } from '../../../pipelines/runners/local/cache-key.ts'
import { type Running, start } from '../../support/pressroom.ts'
import type { DockerEngine } from './engine.ts'

export const ROOT = resolve(import.meta.dirname, '../../..')

/** What a run came to, whoever ran it: its output parameters, and the digests of the models that it made. */
export interface Result {
  readonly outputs: Readonly<Record<string, unknown>>
  readonly models: readonly string[]
}

/** Where a run has what it needs, and puts what it makes. */
export interface Place {
  readonly env: DockerEngine['env']
  readonly cwd?: string
  readonly home: string
}

/** Compiles into a file. With `image`, tasks of our stages start that one, which no runner takes for ours. */
export async function compileTo(
  file: string,
  pipeline: AnyPipeline,
  image = PRESSROOM_IMAGE,
): Promise<string> {
  const { spec, platform } = compileDocuments(pipeline)
  const documents = platform === undefined ? spec : { spec, platform }
  await writeFile(file, toYaml(documents).replaceAll(PRESSROOM_IMAGE, image))
  return file
}

/** Starts `pressroom run` with the engine's client on PATH. */
export function startRun(
  { env, cwd = ROOT, home }: Place,
  file: string,
  inputs: Readonly<Record<string, unknown>> = {},
): Running {
  const set = Object.entries(inputs).flatMap(([key, value]) => ['--set', `${key}=${value}`])
  const { PATH, DOCKER_HOST, DOCKER_CONFIG } = env
  const args = ['run', file, '--home', home, '--cache', 'false', '--json', ...set]
  return start(cwd, args, { PATH, DOCKER_HOST, DOCKER_CONFIG })
}

/** Runs a file by our own runner to its good end. */
export async function runHere(
  place: Place,
  file: string,
  inputs?: Readonly<Record<string, unknown>>,
): Promise<Result> {
  const { status, stdout, stderr } = await startRun(place, file, inputs).ended
  assert.equal(status, 0, `${stdout.slice(-3000)}${stderr}`)
  const { outputs, folder } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  return { outputs: outputs.parameters, models: await modelsUnder(folder) }
}

/** The digests of all model folders, equal ones once: a registry keeps a copy. */
export async function modelsUnder(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder, { recursive: true })
  const models = files
    .filter(file => file.endsWith('/pressroom.json'))
    .map(file => join(folder, dirname(file)))
  return [...new Set(await Promise.all(models.map(digestPath)))]
}
