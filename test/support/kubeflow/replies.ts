/** What the test server answers. `text` of a string is sent as it is, anything else as JSON. */
export interface Reply {
  readonly status: number
  readonly type: string
  readonly body: unknown
}

const JSON_TYPE = 'application/json'
const TEXT_TYPE = 'text/plain; charset=utf-8'

/** gRPC's codes, and the HTTP statuses its gateway makes of them. */
const STATUS = { 3: 400, 5: 404, 6: 409, 10: 409, 12: 501, 13: 500 } as const

/** Thrown by a route to refuse. */
export class Refusal extends Error {
  readonly reply: Reply
  constructor(reply: Reply) {
    super(JSON.stringify(reply.body))
    this.reply = reply
  }
}

export const ok = (body: unknown = {}): Reply => ({ status: 200, type: JSON_TYPE, body })
export const plain = (status: number, body: string): Reply => ({ status, type: TEXT_TYPE, body })

/** An error of the gRPC gateway; only those of the API server itself have details. */
export function refused(code: keyof typeof STATUS, message: string, detail?: string): Refusal {
  const details = [{ '@type': 'type.googleapis.com/google.rpc.Status', code, message: detail }]
  const body = { code, message, ...(detail !== undefined && { details }) }
  return new Refusal({ status: STATUS[code], type: JSON_TYPE, body })
}

export const invalid = (context: string, message: string) =>
  refused(3, `${context}: Invalid input error: ${message}`, message)

export const missing = (context: string, kind: string, id: string) =>
  refused(5, `${context}: ResourceNotFoundError: ${kind} ${id} not found`, `${kind} ${id} not found`)

/** An error of the upload handlers, which are not gRPC's: what fails before the pipeline is read has the type of text. */
export function uploadRefused(status: number, message: string, type: 'json' | 'text' = 'json'): Refusal {
  const stack = `${message}\ngithub.com/kubeflow/pipelines/backend/src/apiserver/server.(*PipelineUploadServer)\n\t/go/src/upload.go:1`
  const body = { error_message: message, error_details: stack }
  return new Refusal({ status, type: type === 'json' ? JSON_TYPE : TEXT_TYPE, body })
}

/**
 * A body of proto JSON: unknown fields are refused, camelCase is as good as snake_case.
 * @param fields those of the message, in snake_case
 */
export function protoJson(text: string, fields: readonly string[]): Record<string, unknown> {
  let value: unknown
  try {
    value = text === '' ? {} : JSON.parse(text)
  } catch {
    const [start = ''] = text.trim()
    const wanted =
      start === '{'
        ? `'${text.trim()[1]}' looking for beginning of object key string`
        : `'${start}' looking for beginning of value`
    throw refused(3, `invalid character ${wanted}`)
  }
  const entries = Object.entries(value as object).map(([key, entry]) => {
    const name = key.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
    if (!fields.includes(name))
      throw refused(3, `proto: (line 1:${text.indexOf(`"${key}"`) + 1}): unknown field "${key}"`)
    return [name, snake(name, entry)]
  })
  return Object.fromEntries(entries)
}

/** The nested messages whose own fields may be in camelCase; what users put in (parameters, specifications) stays. */
function snake(name: string, value: unknown): unknown {
  if (!['pipeline_version_reference', 'runtime_config', 'trigger'].includes(name)) return value
  return Object.fromEntries(
    Object.entries(value as object).map(([key, entry]) => [
      key.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`),
      entry,
    ]),
  )
}
