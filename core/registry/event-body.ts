import { aString, aStringLike, type Decoder, objectWith, recordOf } from '../decode.ts'
import { PressroomError } from '../errors.ts'
import { isWalkable } from '../object.ts'
import type { EventData, EventKind, RegistryEvent } from './types.ts'

/** Real events have some hundred bytes. JSON.parse takes a multiple of what it reads, so there is a limit. */
export const MAX_EVENT_BYTES = 1024 * 1024
/** MLflow's bodies are three levels deep. */
const MAX_DEPTH = 16

const aName = aStringLike(/./s, 'a string that is not empty')
const aTime: Decoder<string> = (value, at) => {
  const text = aString(value, at)
  if (Number.isNaN(Date.parse(text))) throw new Error(`${at} must be a time`)
  return text
}
const anything: Decoder<unknown> = value => value
const aStringOrNull = orNull(aString)
const tagsOrNull = orNull(recordOf(aString))

/** What MLflow's database may lack it sends as null: `run_id` and `description` were seen so. */
const DATA: { readonly [K in EventKind]: Decoder<EventData[K]> } = {
  'registered_model.created': objectWith({ name: aName, tags: tagsOrNull, description: aStringOrNull }),
  'model_version.created': objectWith({
    name: aName,
    version: aName,
    source: aStringOrNull,
    run_id: aStringOrNull,
    tags: tagsOrNull,
    description: aStringOrNull,
  }),
  'model_version_tag.set': objectWith({ name: aName, version: aName, key: aName, value: aString }),
  'model_version_tag.deleted': objectWith({ name: aName, version: aName, key: aName }),
  'model_version_alias.created': objectWith({ name: aName, alias: aName, version: aName }),
  'model_version_alias.deleted': objectWith({ name: aName, alias: aName }),
}

const anEvent = objectWith({ entity: aName, action: aName, timestamp: aTime, data: recordOf(anything) })

/**
 * The body of a webhook, as MLflow shapes it. `at` is in milliseconds since the epoch.
 * @throws PressroomError `invalid-parameter` when tags or a description make it larger than any receiver of ours takes.
 */
export function formatEvent<K extends EventKind>(kind: K, data: EventData[K], at: number): string {
  const [entity, action] = kind.split('.')
  const body = JSON.stringify({ entity, action, timestamp: new Date(at).toISOString(), data })
  if (Buffer.byteLength(body) <= MAX_EVENT_BYTES) return body
  throw new PressroomError('invalid-parameter', 'the tags and description are too long', {
    fix: `an event that tells them may have ${MAX_EVENT_BYTES} bytes; shorten them`,
  })
}

/**
 * Reads a webhook's body. Verify it first: an event from nobody is not worth reading.
 * @param body UTF-8 JSON, at most 1 MiB and 16 levels deep.
 * @returns the event; its `kind` is `unknown` when MLflow has that entity or action and we do not, or not yet.
 * @throws PressroomError `event-malformed`.
 */
export function parseEvent(body: Uint8Array): RegistryEvent {
  if (body.byteLength > MAX_EVENT_BYTES)
    throw malformed(`it has ${body.byteLength} bytes, ${MAX_EVENT_BYTES} are allowed`)
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    if (!isWalkable(value, MAX_DEPTH)) throw new Error(`it is nested more than ${MAX_DEPTH} levels deep`)
    const event = anEvent(value, 'event')
    const kind = `${event.entity}.${event.action}`
    if (!isKnown(kind)) return { kind: 'unknown', ...event }
    return { kind, ...event, data: DATA[kind](event.data, 'data') } as RegistryEvent
  } catch (error) {
    throw malformed((error as Error).message, error)
  }
}

function isKnown(kind: string): kind is EventKind {
  return Object.hasOwn(DATA, kind)
}

function orNull<T>(decoder: Decoder<T>): Decoder<T | null> {
  return (value, at) => (value === null ? null : decoder(value, at))
}

function malformed(where: string, cause?: unknown): PressroomError {
  return new PressroomError('event-malformed', 'this is not an event of a registry', { where, cause })
}
