/** An answer of the API server. */
export interface Reply {
  readonly status: number
  readonly body: unknown
}

export interface Cause {
  readonly reason: string
  readonly message: string
  readonly field: string
}

/** An error as Kubernetes sends it (`meta/v1`, Status); one of its own making has no reason. */
export function failure(
  code: number,
  reason: string | undefined,
  message: string,
  causes?: readonly Cause[],
): Reply {
  return {
    status: code,
    body: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason !== undefined && { reason }),
      ...(causes && { details: { causes } }),
      code,
    },
  }
}
