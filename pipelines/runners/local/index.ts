export { runLocal } from './run.ts'
export type { RunEvent, RunRequest, RunResult, StoredArtifact, TaskRecord } from './types.ts'
