/**
 * Every way Pressroom can fail. The set is closed: `docs/errors.md` explains each code, and a test compares the two lists.
 */
export const ERROR_CODES = [
  // what a person asked for
  'usage',
  'invalid-setting',
  'invalid-parameter',
  'cancelled',
  // files and folders
  'file-not-found',
  'not-a-file',
  'not-readable',
  'not-writable',
  'folder-locked',
  // rows
  'not-text',
  'no-rows',
  'missing-column',
  'invalid-rows',
  'too-few-classes',
  'empty-vocabulary',
  // stages, pipelines, runs
  'invalid-stage',
  'invalid-pipeline',
  'stale-file',
  'stage-failed',
  'stage-killed',
  'stage-timeout',
  'lock-differs',
  // servers that run pipelines
  'not-signed-in',
  'server-unreachable',
  'server-refused',
  'server-answer',
  'run-failed',
  'run-stuck',
  // models
  'model-foreign',
  'model-damaged',
  'not-importable',
  'prediction-failed',
  'not-calibrated',
  'invalid-request',
  'not-served',
  // registry
  'not-registered',
  'invalid-name',
  'registry-damaged',
  // events and deployments
  'event-unsigned',
  'event-forged',
  'event-expired',
  'event-malformed',
  'deployment-failed',
  'deployment-conflict',
  // the machine
  'port-in-use',
  'not-enough-memory',
  'package-missing',
  'internal',
] as const

/** One of {@link ERROR_CODES}. */
export type ErrorCode = (typeof ERROR_CODES)[number]

/** What an error tells beside its first line; both parts are optional sentences without a final full stop. */
export interface ErrorDetails {
  /** What is there instead, or where exactly: `it has: text, label, source`. */
  readonly where?: string | undefined
  /** What to do: `did you mean --text-column text?`. */
  readonly fix?: string | undefined
  readonly cause?: unknown
}

/**
 * The only error Pressroom throws on purpose. Anything else that reaches a face is a bug and is shown as `internal`.
 *
 * `message` holds all a person needs, one part a line: what went wrong, where, what to do.
 */
export class PressroomError extends Error {
  override readonly name = 'PressroomError'
  readonly code: ErrorCode
  readonly what: string
  readonly where: string | undefined
  readonly fix: string | undefined

  constructor(code: ErrorCode, what: string, details: ErrorDetails = {}) {
    const lines = [what, details.where, details.fix].filter(line => line !== undefined)
    super(lines.join('\n  '), details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.what = what
    this.where = details.where
    this.fix = details.fix
  }
}

/** The error itself when it is ours, else an `internal` one that keeps it as its cause. */
export function asPressroomError(error: unknown): PressroomError {
  if (error instanceof PressroomError) return error
  return new PressroomError('internal', messageOf(error), {
    fix: 'this is a fault in Pressroom; run again with --debug and report what it prints',
    cause: error,
  })
}

/** What was thrown, in words. Anything can be thrown, also what has no text. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message
  try {
    return String(thrown)
  } catch {
    return 'something that is no error, and has no text'
  }
}

/** Node's code of a system error (`ENOENT`, `EACCES`, …), or undefined. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
