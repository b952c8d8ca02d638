export {
  differences,
  lockHead,
  lockOf,
  readLock,
  requireSame,
  writeLock,
} from './lock.ts'
export { isBusy, type Pruned, pruneCache, pruneRuns } from './prune.ts'
export { runLocal } from './run.ts'
export { findRun, listRuns, type RunFile, readRunSpec } from './runs.ts'
export { pullCache, pushCache } from './share-cache.ts'
export type { RunEvent, RunRequest, RunResult, StoredArtifact, TaskRecord } from './types.ts'
