import { PressroomError } from '../../core/errors.ts'
import { digestModel, loadModel, type Model } from '../../core/model/index.ts'
import type { VersionStage } from '../../core/registry/index.ts'
import { parseReference, requireReferenced } from '../../core/registry/references.ts'
import type { Log } from '../definition/index.ts'
import { openStageRegistry } from '../open-registry.ts'

/** A model to score with, and how its predictions name it. */
export interface Scorer extends AsyncDisposable {
  readonly model: Model
  /** The registered name, or `folder`. */
  readonly name: string
  /** The registered version, or the folder's digest. */
  readonly version: string
}

export interface ScorerRequest {
  readonly folder: string | undefined
  readonly name: string | undefined
  readonly version: string | undefined
  readonly alias: string
  readonly stage: VersionStage | undefined
  readonly registry: string | undefined
}

/**
 * Loads the model that is asked for: a folder, or a version of a registered model.
 * @param how its log is told of what is deprecated, and of a registry that keeps it waiting
 * @throws PressroomError `invalid-parameter` when both or neither are given; `not-registered`; those of `loadModel`.
 */
export async function openScorer(
  { folder, name, registry: location, ...which }: ScorerRequest,
  how: { readonly log: Log; readonly signal: AbortSignal },
): Promise<Scorer> {
  if ((folder === undefined) === (name === undefined)) {
    throw new PressroomError('invalid-parameter', 'predict needs one model', {
      where: folder === undefined ? 'neither a folder nor a name is given' : 'a folder and a name are given',
      fix: 'give --model with a folder, or --name with a registered model',
    })
  }
  if (folder !== undefined) return scorer(await loadModel(folder), 'folder', await digestModel(folder))
  const reference = parseReference({ name: name!, ...which })
  await using registry = await openStageRegistry(location, how)
  const version = await requireReferenced(registry, reference, line => how.log.warn(line))
  return scorer(await loadModel(await registry.download(reference.name, version)), reference.name, version)
}

function scorer(model: Model, name: string, version: string): Scorer {
  return { model, name, version, [Symbol.asyncDispose]: () => model[Symbol.asyncDispose]() }
}
