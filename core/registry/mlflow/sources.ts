import { PressroomError } from '../../errors.ts'
import type { ModelVersion } from '../types.ts'
import type { MlflowApi } from './api.ts'
import { downloadUriOf } from './models.ts'
import { requireRun } from './runs.ts'

/**
 * Where a version's files lie: `models:/…` and `runs:/…` followed to the place itself.
 * @throws PressroomError `not-registered`, `model-damaged` for a source that leads nowhere
 */
export async function placeOf(api: MlflowApi, { name, version }: ModelVersion): Promise<string> {
  const uri = await downloadUriOf(api, name, version)
  // MLflow follows models:/, and leaves runs:/ to its clients.
  const [, runId, path] = /^runs:\/+([^/]+)\/(.+)$/s.exec(uri) ?? []
  const place = runId === undefined ? uri : `${(await requireRun(api, runId)).info.artifact_uri}/${path}`
  if (place.split(/[/\\]/).includes('..')) {
    throw new PressroomError('model-damaged', `the source of ${name} ${version} leads out of its place`, {
      where: place,
      fix: 'register the model again',
    })
  }
  return place
}
