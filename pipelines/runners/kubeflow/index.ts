export { KubeflowClient } from './client.ts'
export { connectCluster } from './cluster.ts'
export { logsOfRun, specOfRun } from './lookup.ts'
export {
  type KubeflowRunRequest,
  type KubeflowRunResult,
  runOnKubeflow,
  type WaitRequest,
  waitForRun,
} from './run.ts'
export { scheduleOnKubeflow } from './schedule.ts'
export { type Submission, uploadPipeline } from './submit.ts'
export type { Connection } from './transport.ts'
