/** What `pressroom-ml/serving` exports: the prediction service, whole or in parts. */
export { type Listed, ModelHost } from './host.ts'
export { type RunningService, serve } from './serve.ts'
export { createService, type ServiceOptions } from './service.ts'
export { type FolderToServe, parseServeSettings, type ServeFlags, type ServeSettings } from './settings.ts'
export type { Served } from './slot.ts'
export type { Traffic } from './traffic.ts'
