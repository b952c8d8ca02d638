export type { ErrorRecord } from './error-record.ts'
export { runLocal } from './run.ts'
export type {
  FinalState,
  RunEvent,
  RunRequest,
  RunResult,
  StoredArtifact,
  TaskRecord,
  Values,
} from './types.ts'
