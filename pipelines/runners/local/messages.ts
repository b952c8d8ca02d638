import type { ExecutorOutput } from '../../../components/faces/executor.ts'
import type { ErrorRecord } from './error-record.ts'
import type { Job, LogLevel } from './types.ts'

/** What the runner tells a worker. One job at a time; `abort` is for the one it has. */
export type Command = ({ readonly type: 'run' } & Job) | { readonly type: 'abort' }

/** What a worker answers: any number of log lines, then one of the other two. */
export type Answer =
  | { readonly type: 'log'; readonly level: LogLevel; readonly line: string }
  | { readonly type: 'done'; readonly output: ExecutorOutput; readonly summary: string }
  | { readonly type: 'failed'; readonly error: ErrorRecord }
