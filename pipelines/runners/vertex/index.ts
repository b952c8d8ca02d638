export type { VertexClient } from './client.ts'
export { openVertex, type VertexConnection } from './connect.ts'
export type { VertexSubmission } from './job.ts'
export { consoleUrl } from './place.ts'
export {
  runOnVertex,
  tasksOfJob,
  type VertexRunRequest,
  type VertexRunResult,
  type VertexWaitRequest,
  waitForJob,
} from './run.ts'
export { scheduleOnVertex, type VertexSchedule, type VertexScheduleRequest } from './schedule.ts'
