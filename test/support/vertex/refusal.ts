import { grpc } from 'google-gax'
import { encode } from './protos.ts'

/** A message of google/rpc/error_details.proto. */
export interface Detail {
  readonly type: 'BadRequest' | 'ErrorInfo' | 'QuotaFailure' | 'RetryInfo'
  readonly fields: object
}

/** What a call is refused with. */
export class Refusal extends Error {
  readonly code: number
  readonly details: readonly Detail[]

  constructor(code: keyof typeof grpc.status, message: string, details: readonly Detail[] = []) {
    super(message)
    this.code = grpc.status[code]
    this.details = details
  }

  /** The error as gRPC sends it, its details in the trailer that Google's servers use. */
  toServiceError(): Partial<grpc.StatusObject> {
    const { code, message } = this
    const metadata = new grpc.Metadata()
    const details = this.details.map(({ type, fields }) => ({
      type_url: `type.googleapis.com/google.rpc.${type}`,
      value: encode(`google.rpc.${type}`, fields),
    }))
    if (details.length > 0) {
      metadata.set(
        'grpc-status-details-bin',
        Buffer.from(encode('google.rpc.Status', { code, message, details })),
      )
    }
    return { code, details: message, metadata }
  }
}

/** Gathers what is wrong with a request, field by field. */
export class Violations {
  readonly #found: { readonly field: string; readonly description: string }[] = []

  add(field: string, description: string): void {
    this.#found.push({ field, description })
  }

  check(holds: boolean, field: string, description: string): void {
    if (!holds) this.add(field, description)
  }

  /** @throws Refusal INVALID_ARGUMENT when there are any */
  throwIfAny(): void {
    if (this.#found.length === 0) return
    const list = this.#found.map(
      ({ field, description }, i) => `${i + 1}.Field: ${field}; Message: ${description}`,
    )
    throw new Refusal('INVALID_ARGUMENT', `List of found errors:\t${list.join('\t')}`, [
      { type: 'BadRequest', fields: { fieldViolations: this.#found } },
    ])
  }
}
