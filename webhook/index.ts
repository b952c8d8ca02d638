export { createDeployer, type Deployer } from './deployer.ts'
export { requireAbilities } from './deployment/abilities.ts'
export { parseDeployment, readDeployment } from './deployment/file.ts'
export {
  DEFAULT_MODEL,
  DEFAULT_POLICY,
  type DeploymentPolicy,
  type ModelPolicy,
} from './deployment/policy.ts'
export type { ListeningServer, ListenOptions } from './http.ts'
export { type Log, type Severity, structuredLog } from './log.ts'
export { look } from './look.ts'
export { openWorkplace } from './open.ts'
export { type Desired, type DesiredModel, type Plan, plan, type Step } from './plan/plan.ts'
export type { Observed, ObservedModel, Rollout } from './plan/state.ts'
export type { Verdict } from './plan/verdict.ts'
export { tell, tellWaiting } from './plan/words.ts'
export { LADDER, type Outcome } from './receive/ladder.ts'
export { listen, nodeListener } from './receive/node-http.ts'
export {
  createReceiver,
  type IncomingDelivery,
  type Receipt,
  type Receiver,
  type ReceiverAnswer,
  type ReceiverOptions,
} from './receive/receiver.ts'
export {
  type Failure,
  type Pass,
  type ReconcileEvent,
  type ReconcileOptions,
  reconcile,
} from './reconcile.ts'
export { type DeployerService, type DeployerServiceOptions, startDeployerService } from './service.ts'
export { type DeployerSettings, parseDeployerSettings } from './settings.ts'
export { type LocalTarget, localTarget } from './targets/local.ts'
export { type OpenTargetOptions, openTarget } from './targets/open.ts'
export { observeService } from './targets/running-service.ts'
export type { ServiceProcessOptions } from './targets/service-process.ts'
export type {
  Abilities,
  Measure,
  Measured,
  StepContext,
  Target,
  TargetStep,
  VersionSource,
} from './targets/target.ts'
export { isBlind, type LookOptions, type ModelView } from './view.ts'
export type { Workplace } from './workplace.ts'
