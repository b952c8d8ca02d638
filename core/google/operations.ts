import { setTimeout as sleep } from 'node:timers/promises'
import { PressroomError } from '../errors.ts'
import type { CallOptions, GoogleCalls, Pending } from './calls.ts'
import { type GrpcError, refusal } from './status.ts'

/** `google.longrunning.Operation`, as far as it is read. */
export interface OperationMessage {
  readonly name?: string | null
  readonly done?: boolean | null
  readonly metadata?: { readonly type_url?: string | null } | null
  readonly error?: { readonly code?: number | null; readonly message?: string | null } | null
}

/** What is used of the operations client that every official client has. */
export interface OperationsClient {
  getOperation(request: object, options: CallOptions): Pending<OperationMessage>
  listOperations(
    request: object,
    options: CallOptions & { readonly autoPaginate: false },
  ): Promise<readonly [OperationMessage[], ...unknown[]]>
}

/** How an operation is waited for. */
export interface Waiting {
  /** Seconds between two looks. */
  readonly pollSeconds: number
  readonly signal: AbortSignal
}

/**
 * Waits until an operation is done. It goes on without us: whoever waits for it again, after a restart too, finds it.
 * @param request the method that began it, for messages
 * @throws PressroomError as a call's refusal, when the operation failed; the signal's reason
 */
export async function operationDone(
  calls: GoogleCalls,
  client: OperationsClient,
  request: string,
  name: string,
  { pollSeconds, signal }: Waiting,
): Promise<void> {
  for (;;) {
    const found = await calls.repeat('GetOperation', options => client.getOperation({ name }, options))
    if (found.error) throw refusal(grpcError(found.error), request, calls.place)
    if (found.done) return
    await pauseFor(pollSeconds, signal)
  }
}

/**
 * The operations of a resource that are under way, whoever began them.
 * @param of the full name of the resource
 */
export async function operationsUnderWay(
  calls: GoogleCalls,
  client: OperationsClient,
  of: string,
): Promise<readonly OperationMessage[]> {
  // Newest first, a hundred: a resource has one or two at a time, and those that are done are of no interest.
  const found = await calls.repeat('ListOperations', async options => {
    const request = { name: of, filter: 'done=false', pageSize: 100 }
    return [await client.listOperations(request, { ...options, autoPaginate: false })] as const
  })
  return found[0].filter(({ done }) => !done)
}

/** Resolves after so many seconds; rejects with the signal's reason. */
export async function pauseFor(seconds: number, signal: AbortSignal): Promise<void> {
  await sleep(1000 * seconds, undefined, { signal }).catch(() => {
    throw signal.reason ?? new PressroomError('cancelled', 'stopped waiting')
  })
}

function grpcError({ code, message }: NonNullable<OperationMessage['error']>): GrpcError {
  const details = message ?? ''
  return Object.assign(new Error(details), { code: code ?? 2, details })
}
