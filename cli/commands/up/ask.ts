import { PressroomError } from '../../../core/errors.ts'

/** The service's answer to one text (serving/protocols/simple.ts). */
export interface ServedAnswer {
  readonly prediction: string
  readonly confidence: number
  readonly probabilities: Readonly<Record<string, number>>
  readonly model_version: string
}

/**
 * Asks the running service over HTTP, as any client would.
 * @throws PressroomError `prediction-failed` when it does not answer with a prediction
 */
export async function askService(url: string, text: string, signal: AbortSignal): Promise<ServedAnswer> {
  const response = await fetch(new URL('/predict', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text }),
    signal,
  })
  const body = await response.text()
  if (!response.ok) {
    throw new PressroomError('prediction-failed', `${url}/predict answered ${response.status}`, {
      where: body.slice(0, 500),
    })
  }
  return JSON.parse(body) as ServedAnswer
}
