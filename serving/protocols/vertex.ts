import type { Prediction } from '../../core/model/index.ts'
import { type Scores, type Source, scores } from './answers.ts'
import { type Body, invalid, nameOf, onlyFields, parseText, parseTexts } from './requests.ts'

/** What a Vertex AI endpoint passes on: one prediction an instance, in their order. */
export interface VertexAnswer {
  readonly predictions: readonly Scores[]
}

/**
 * Reads Vertex AI's `{"instances": [...], "parameters": …}`; an instance is a string or `{"text": "…"}`.
 * Clients send `"parameters": null` or `{}` when they have none, and there are none to have.
 * https://cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements#request_requirements
 * @throws PressroomError `invalid-request`
 */
export function readInstances(body: Body): readonly string[] {
  onlyFields(body, ['instances', 'parameters'], 'the body')
  refuseParameters(body.parameters ?? {})
  return parseTexts(body.instances, 'instances', parseInstance)
}

/** The predictions for the instances. */
export function writePredictions(predictions: readonly Prediction[], source: Source): VertexAnswer {
  return { predictions: predictions.map(prediction => scores(prediction, source.labels)) }
}

function parseInstance(instance: unknown, where: string): string {
  if (typeof instance !== 'object' || instance === null || Array.isArray(instance)) {
    return parseText(instance, where)
  }
  onlyFields(instance as Body, ['text'], where)
  return parseText((instance as Body).text, `${where}.text`)
}

function refuseParameters(parameters: unknown): void {
  if (typeof parameters !== 'object' || Array.isArray(parameters)) {
    throw invalid(`parameters is ${nameOf(parameters)}, not an object`, undefined, 'leave it out')
  }
  const names = Object.keys(parameters as object)
  if (names.length > 0) {
    throw invalid(
      `parameters has ${names.map(name => JSON.stringify(name)).join(', ')}`,
      undefined,
      'leave it out: there are none',
    )
  }
}
