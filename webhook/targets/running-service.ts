import { aNumber, aString, type Decoded, maybe, objectWith, recordOf } from '../../core/decode.ts'
import { PressroomError } from '../../core/errors.ts'
import { reasonOf } from '../../core/http-faults.ts'
import { parsedJson } from '../../core/parsed-json.ts'
import type { Observed, ObservedModel } from '../plan/state.ts'
import { aRollout } from './kept-rollout.ts'

/** It is on this machine, and has the answer at hand. */
const TIMEOUT_SECONDS = 2

const anInfo = objectWith({
  model_name: aString,
  traffic: recordOf(aNumber),
  shadow: maybe(recordOf(aNumber)),
  rollout: maybe(aRollout),
})

/** As the service refuses: none has traffic, or it is not among those that are there. */
const aRefusal = objectWith({ error: aString, message: aString, timestamp: aString })
const ABSENT: ReadonlySet<number> = new Set([400, 503])

/**
 * What a service of ours says over HTTP that it serves. It takes commands from the deployer that started it and from nobody else;
 * looking is open to all, and a dry run only looks. A model none of whose versions has traffic counts as absent.
 * @param url its address, without a path
 * @returns undefined when nothing listens there
 * @throws PressroomError `server-unreachable` when it is silent, `server-answer` when it is no service of ours
 */
export async function observeService(
  url: string,
  models: readonly string[],
  signal: AbortSignal,
): Promise<Observed | undefined> {
  const found: [string, ObservedModel][] = []
  for (const model of models) {
    const answer = await ask(new URL(`/model/info?${new URLSearchParams({ model })}`, url), signal)
    if (answer === undefined) return undefined
    const seen = read(answer, url)
    if (seen?.model_name === model) found.push([model, observedOf(seen)])
  }
  return { models: Object.fromEntries(found) }
}

interface Answer {
  readonly status: number
  readonly text: string
}

async function ask(url: URL, signal: AbortSignal): Promise<Answer | undefined> {
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(1000 * TIMEOUT_SECONDS)])
    const response = await fetch(url, { redirect: 'manual', signal: within })
    return { status: response.status, text: await response.text() }
  } catch (error) {
    signal.throwIfAborted()
    const reason = reasonOf(error, TIMEOUT_SECONDS)
    if (reason === 'ECONNREFUSED') return undefined
    throw new PressroomError('server-unreachable', `${url.origin} does not answer`, {
      where: reason,
      cause: error,
    })
  }
}

/** Undefined when it says that it does not serve the model. */
function read({ status, text }: Answer, url: string): Decoded<typeof anInfo> | undefined {
  const value = parsedJson(text)?.value
  try {
    if (status === 200) return anInfo(value, 'info')
    if (ABSENT.has(status)) aRefusal(value, 'answer')
    else throw new Error(`it answered ${status}`)
    return undefined
  } catch (error) {
    throw new PressroomError('server-answer', `what answers at ${url} is no service of Pressroom`, {
      where: (error as Error).message,
      cause: error,
    })
  }
}

function observedOf({ traffic, shadow, rollout }: Decoded<typeof anInfo>): ObservedModel {
  return {
    versions: Object.keys(traffic),
    traffic: Object.fromEntries(Object.entries(traffic).filter(([, share]) => share > 0)),
    ...(shadow && { shadow }),
    ...(rollout && { rollout }),
  }
}
