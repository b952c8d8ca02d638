import { aString, listOf, objectWith } from '../../../core/decode.ts'
import { PressroomError } from '../../../core/errors.ts'
import { shorten } from '../../../core/report/shorten.ts'
import type { KubernetesApi } from './api.ts'
import { nameOfVersion } from './names.ts'
import { canAnswer } from './readiness.ts'

const anAnswer = objectWith({ predictions: listOf(objectWith({ prediction: aString })) })

/**
 * The labels that one version gives texts, traffic or not: through its own Service and the API server's proxy, so that the
 * deployer needs no way into the cluster's network.
 * @throws PressroomError `deployment-failed` when the version is not loaded or its answer cannot be read
 */
export async function askVersion(
  api: KubernetesApi,
  model: string,
  version: string,
  texts: readonly string[],
): Promise<readonly string[]> {
  const name = nameOfVersion(model, version)
  const deployment = await api.get('Deployment', name)
  if (deployment === undefined || !canAnswer(deployment)) {
    throw new PressroomError('deployment-failed', `${model} ${version} is not loaded, and cannot be asked`)
  }
  const { status, text } = await api.throughService(name, '/predict', { instances: texts })
  try {
    if (status !== 200) throw new Error(`it answered ${status}: ${shorten(text, 200)}`)
    const { predictions } = anAnswer(JSON.parse(text), 'the answer')
    if (predictions.length !== texts.length)
      throw new Error(`${predictions.length} answers to ${texts.length} texts`)
    return predictions.map(({ prediction }) => prediction)
  } catch (cause) {
    throw new PressroomError('deployment-failed', `${model} ${version} does not answer as it should`, {
      where: (cause as Error).message,
      fix: `see its log: kubectl logs deployment/${name}`,
      cause,
    })
  }
}
