import { setTimeout as sleep } from 'node:timers/promises'
import { asPressroomError } from '../core/errors.ts'
import { createDeployer, type Deployer } from './deployer.ts'
import { listenOn } from './http.ts'
import type { Log, Severity } from './log.ts'
import { githubNotifier } from './notify/github.ts'
import { createNotifications, type Notifier } from './notify/notify.ts'
import { slackNotifier } from './notify/slack.ts'
import { deployerOnRequest } from './on-request.ts'
import { createAccess } from './operator/access.ts'
import { inspect } from './operator/inspect.ts'
import { createJournal, modelOf } from './operator/journal.ts'
import { createDeployerMetrics } from './operator/metrics.ts'
import { type Operations, operatorListener, type Reconciled } from './operator/routes.ts'
import { statusPage } from './operator/status-page.ts'
import { nodeListener } from './receive/node-http.ts'
import { createReceiver, modelNamedBy, type Receipt } from './receive/receiver.ts'
import type { ReconcileEvent } from './reconcile.ts'
import type { DeployerSettings } from './settings.ts'
import { openPatiently, type Workplace } from './workplace.ts'

export interface DeployerServiceOptions {
  readonly settings: DeployerSettings
  /** Opens registry and target. Called once the service listens: events are answered before any cloud is asked. */
  readonly open: () => Promise<Workplace>
  readonly log: Log
  /** Milliseconds that a step under way has to end once the service is disposed. Default 6000. */
  readonly lastStep?: number
  /** Address of the keys that sign identity tokens. Default Google's. */
  readonly keys?: string
  /** The clock by which whoever waits for a reconciliation waits: resolves after so many milliseconds. Default this machine's. */
  readonly after?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>
}

/** The deployer, listening. Disposing it ends it within ten seconds, whatever is under way. */
export interface DeployerService extends AsyncDisposable {
  /** Where events are received, without a path: `http://127.0.0.1:8080`. */
  readonly url: string
  /** Where operators look, when that is a port of its own. */
  readonly operatorUrl: string | undefined
  /** Rejects when registry or target cannot be opened for a reason that does not pass by itself. */
  readonly failed: Promise<never>
}

/**
 * From listening to the first look. A platform starts the service for an event that waits, which is to be answered before the
 * clients of registry and target take the thread to load.
 */
const FIRST_LOOK_MS = 200
/** Below the 300 s that Cloud Run gives a request by default. */
const LONGEST_RECONCILE_MS = 240_000
/** Cloud Run kills a container 10 s after SIGTERM: so long for answers, for the step under way, and the rest for last notices. */
const LAST_ANSWERS_MS = 1000
const LAST_STEP_MS = 6000

/**
 * The deployer as a server: it receives events, answers operators, and looks at everything when it starts, at each event and every
 * so often. Throttled, it does nothing of that by itself: each `POST /reconcile` does the work and answers when it is done.
 * @throws PressroomError `port-in-use`, or `invalid-setting` when it cannot listen
 */
export async function startDeployerService(options: DeployerServiceOptions): Promise<DeployerService> {
  const { settings, log, lastStep = LAST_STEP_MS, keys, after = onThisMachine } = options
  await using servers = new AsyncDisposableStack()
  const stop = new AbortController()
  const failed = Promise.withResolvers<never>()
  // Who does not wait for it is not to be ended by it.
  failed.promise.catch(() => {})
  const journal = createJournal()
  const metrics = createDeployerMetrics(journal)
  const notifications = createNotifications(notifiersOf(settings), log)
  const listeners = new Set<(event: ReconcileEvent) => void>([
    journal.happened,
    metrics.happened,
    notifications.happened,
    event => tell(log, event),
  ])
  const report = (event: ReconcileEvent) => {
    for (const listener of listeners) listener(event)
  }
  const create = settings.throttled ? deployerOnRequest : createDeployer
  let joined: Promise<{ readonly workplace: Workplace; readonly deployer: Deployer }> | undefined

  /** Registry, target and deployer, opened when they are first needed. */
  function join() {
    joined ??= openPatiently(options.open, stop.signal, error => report(unopened(error))).then(workplace => {
      return { workplace, deployer: create({ ...workplace, report }) }
    })
    return joined
  }

  function look(): void {
    join().then(
      ({ deployer }) => deployer.wake(),
      error => void (stop.signal.aborted || failed.reject(error)),
    )
  }

  async function reconcile(): Promise<Reconciled> {
    const answered = new AbortController()
    const failures: string[] = []
    const collect = (event: ReconcileEvent) => void (event.kind === 'failed' && failures.push(event.line))
    listeners.add(collect)
    try {
      const pass = join().then(async ({ deployer }) => {
        deployer.wake()
        await deployer.settled()
        return true
      })
      const signal = AbortSignal.any([stop.signal, answered.signal])
      const late = after(LONGEST_RECONCILE_MS, signal).then(
        () => false,
        () => false,
      )
      const ended = await Promise.race([pass, late])
      return { outcome: !ended ? 'under-way' : failures.length > 0 ? 'failed' : 'done', failures }
    } finally {
      listeners.delete(collect)
      answered.abort()
    }
  }

  const operations: Operations = {
    reconcile,
    async page() {
      const { workplace } = await join()
      const { registry, target } = workplace
      const inspection = await inspect(workplace)
      return statusPage({
        registry: registry.location,
        target: target.name,
        inspection,
        journal,
        now: Date.now(),
      })
    },
    async metrics() {
      return { type: metrics.registry.contentType, body: await metrics.registry.metrics() }
    },
  }
  const receiver = createReceiver({
    secrets: settings.secrets,
    // After the answer: opening the registry for the first time takes the thread for a while.
    wake: () => void (settings.throttled || setImmediate(look)),
    report(receipt) {
      journal.received(receipt)
      metrics.received(receipt)
      tellReceipt(log, receipt)
    },
  })
  const { host, operator } = settings
  const receiving = nodeListener(receiver)
  const guarded = operator.token !== undefined || operator.oidc !== undefined
  const publicly = guarded ? operatorListener(operations, createAccess(operator, keys), receiving) : receiving
  const drain = LAST_ANSWERS_MS
  const { url } = servers.use(await listenOn(publicly, { host, port: settings.port, drain }))
  const apart =
    operator.port === undefined
      ? undefined
      : servers.use(
          await listenOn(operatorListener(operations, undefined), { host, port: operator.port, drain }),
        )
  if (!settings.throttled) {
    const first = setTimeout(look, FIRST_LOOK_MS)
    const every = setInterval(look, 1000 * settings.every)
    stop.signal.addEventListener('abort', () => {
      clearTimeout(first)
      clearInterval(every)
    })
  }

  const listening = servers.move()
  return {
    url,
    operatorUrl: apart?.url,
    failed: failed.promise,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await listening.disposeAsync()
      const ended = joined?.then(({ deployer }) => deployer[Symbol.asyncDispose]()).catch(() => {})
      await Promise.race([ended, sleep(lastStep, undefined, { ref: false })])
      await notifications[Symbol.asyncDispose]()
    },
  }
}

function onThisMachine(milliseconds: number, signal: AbortSignal): Promise<unknown> {
  return sleep(milliseconds, undefined, { ref: false, signal })
}

function notifiersOf({ slack, github }: DeployerSettings): Notifier[] {
  return [
    ...(slack === undefined ? [] : [slackNotifier(slack)]),
    ...(github === undefined ? [] : [githubNotifier(github)]),
  ]
}

function unopened(thrown: unknown): ReconcileEvent {
  const error = asPressroomError(thrown)
  const line = `the registry or the target cannot be opened yet: ${error.message}`
  return { kind: 'failed', failure: { model: undefined, rejected: false, error }, line }
}

const SEVERITIES: Readonly<Record<ReconcileEvent['kind'], Severity>> = {
  step: 'NOTICE',
  serving: 'NOTICE',
  // Both are told at each look, for as long as they last.
  rolling: 'INFO',
  held: 'INFO',
  unchanged: 'DEBUG',
  failed: 'ERROR',
}

function tell(log: Log, event: ReconcileEvent): void {
  log(SEVERITIES[event.kind], event.line, { event: event.kind, model: modelOf(event) })
}

function tellReceipt(log: Log, { outcome, status, reason, event, error }: Receipt): void {
  // Whoever walks the internet's addresses meets 404, and means nothing here.
  const severity = status >= 500 ? 'ERROR' : status === 401 || status === 413 ? 'WARNING' : 'INFO'
  const what = event === undefined ? 'a delivery' : `${event.entity}.${event.action}`
  const why = error instanceof Error ? `: ${error.message}` : ''
  log(severity, `${what}: ${outcome}, ${reason}${why}`, {
    outcome,
    model: event && modelNamedBy(event),
  })
}
