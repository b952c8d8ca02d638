import { PressroomError } from '../../core/errors.ts'

/** What one request may hold. Docstrings give the reason of each number; `/model/info` states them. */
export const LIMITS = {
  /** Vertex AI refuses larger requests on shared endpoints, so no client may come to rely on more. */
  bodyBytes: 1_500_000,
  /** Keeps one request to tens of milliseconds of a linear model, so that others are not kept waiting. */
  texts: 256,
  /** UTF-16 code units. A long newspaper article has about 10,000. */
  characters: 20_000,
} as const

/** The fields of a JSON request body, not yet looked at. */
export type Body = Readonly<Record<string, unknown>>

/**
 * Parses a request body: UTF-8, JSON, an object.
 * @throws PressroomError `invalid-request`
 */
export function parseBody(bytes: Uint8Array | undefined): Body {
  if (bytes === undefined || bytes.length === 0) {
    throw invalid('the body is empty', undefined, 'send a JSON object such as {"text": "Rates hold steady"}')
  }
  const body = parseJson(decode(bytes))
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalid(
      `the body is ${nameOf(body)}, not an object`,
      undefined,
      'send {"text": …} or {"instances": […]}',
    )
  }
  return body as Body
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw invalid('the body is not UTF-8 text', undefined, 'send JSON as UTF-8, not compressed', cause)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    // V8's message quotes the place and a few characters around it.
    const where = cause instanceof Error ? cause.message : undefined
    throw invalid(
      'the body is not JSON',
      where,
      'send a JSON object such as {"text": "Rates hold steady"}',
      cause,
    )
  }
}

/**
 * Refuses fields that the protocol does not have: a misspelt one must not be ignored.
 * @throws PressroomError `invalid-request`
 */
export function onlyFields(body: Body, allowed: readonly string[], where: string): void {
  const unknown = Object.keys(body).filter(key => !allowed.includes(key))
  if (unknown.length === 0) return
  const fields = unknown.map(key => JSON.stringify(key)).join(', ')
  throw invalid(
    `${where} has ${fields}`,
    undefined,
    `it takes ${allowed.map(key => `"${key}"`).join(' and ')} only`,
  )
}

/**
 * One text to classify: a string that is not blank, {@link LIMITS} long at most. `where` names it: `instances[3].text`. Half of a
 * surrogate pair, which only an escape can send, is U+FFFD, as in the rows that a model learns from.
 * @throws PressroomError `invalid-request`
 */
export function parseText(value: unknown, where: string): string {
  if (typeof value !== 'string') {
    throw invalid(
      `${where} is ${nameOf(value)}, not a string`,
      undefined,
      'send the text to classify as a string',
    )
  }
  if (value.trim() === '') throw invalid(`${where} is blank`, undefined, 'send at least one word')
  if (value.length > LIMITS.characters) {
    throw invalid(
      `${where} has ${value.length.toLocaleString('en')} characters`,
      `the limit is ${LIMITS.characters.toLocaleString('en')}`,
      'send its beginning, or split it',
    )
  }
  return value.toWellFormed()
}

/**
 * Several texts, each read by `parse`, which gets the item and its name.
 * @throws PressroomError `invalid-request` when there are none, or more than {@link LIMITS} allows
 */
export function parseTexts(
  value: unknown,
  where: string,
  parse: (item: unknown, where: string) => string,
): readonly string[] {
  if (!Array.isArray(value)) {
    throw invalid(`${where} is ${nameOf(value)}, not a list`, undefined, `send {"${where}": ["…", "…"]}`)
  }
  if (value.length === 0) throw invalid(`${where} is empty`, undefined, 'send at least one text')
  if (value.length > LIMITS.texts) {
    throw invalid(
      `${where} has ${value.length.toLocaleString('en')} texts`,
      `the limit is ${LIMITS.texts}`,
      'send them in several requests',
    )
  }
  return value.map((item, index) => parse(item, `${where}[${index}]`))
}

/** An `invalid-request` error; every face of the service answers it with 400. */
export function invalid(what: string, where?: string, fix?: string, cause?: unknown): PressroomError {
  return new PressroomError('invalid-request', what, {
    ...(where !== undefined && { where }),
    ...(fix !== undefined && { fix }),
    ...(cause !== undefined && { cause }),
  })
}

/** What a JSON value is, in a word for a sentence: `missing`, `null`, `a number`. */
export function nameOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
