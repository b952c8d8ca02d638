import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PressroomError } from '../../../core/errors.ts'
import { openRegistry, registryLocation } from '../../../core/registry/index.ts'
import {
  createDeployer,
  DEFAULT_POLICY,
  type LookOptions,
  openTarget,
  type ReconcileEvent,
  readDeployment,
  reconcile,
  requireAbilities,
} from '../../../webhook/index.ts'
import type { CommandContext } from '../../command.ts'
import { styled } from '../../output.ts'
import { packageModule } from '../../package-file.ts'
import { lookingIn } from '../../registry.ts'
import { showPlan } from './plan.ts'
import { asItServes } from './running.ts'

interface Settings {
  readonly file?: string
  readonly registry?: string
  readonly dryRun: boolean
  readonly watch: boolean
  readonly port: number
}

/** What a deployment is between, and by which policy. */
type Work = Pick<LookOptions, 'registry' | 'target' | 'policy'>

/** Between two looks of `--watch`. */
const LOOK_MS = 60_000

/** One deployment: looks, plans and acts until nothing is left to do, or until it is stopped. */
export async function runDeploy(context: CommandContext): Promise<void> {
  const settings = context.settings as unknown as Settings
  const { env, signal } = context
  const policy = settings.file === undefined ? DEFAULT_POLICY : await readDeployment(settings.file)
  const local = policy.target.kind === 'local'
  await using registry = await openRegistry(registryLocation(settings.registry, env), lookingIn(context))
  const service = {
    main: packageModule('serving/main'),
    args: ['--port', String(settings.port)],
    onListening: (url: string) => showAddress(url, context),
  }
  await using target = await openTarget(policy.target, { env, service })
  requireAbilities(policy, target)
  const work = { registry, target, policy }
  // Awaited here: returned as a promise, it would outlive the registry.
  if (settings.dryRun) {
    const seen = local ? await asItServes(work, settings.port, context) : target
    await showPlan({ ...work, target: seen, signal }, context)
  } else if (local) {
    // A service that cannot start, since its port is taken, will not the next time either.
    await target.observe(signal)
    await keep(work, context)
  } else if (settings.watch) await keep(work, context)
  else await settle(work, context)
}

/** Passes until a rollout is over; what failed is thrown when no pass will mend it. */
async function settle(work: Work, context: CommandContext): Promise<void> {
  const { signal } = context
  const events: ReconcileEvent[] = []
  const isNews = createIsNews()
  const report = (event: ReconcileEvent) => {
    if (!isNews(event)) return
    events.push(event)
    if (!context.json) show(event, context)
  }
  for (;;) {
    const { failures, wakeAt } = await reconcile({ ...work, signal, report })
    signal.throwIfAborted()
    if (failures.length > 0 || wakeAt === undefined) {
      if (context.json) context.print(JSON.stringify({ events: events.map(plain) }))
      if (failures.length > 0) throw failures.at(-1)!.error
      return
    }
    await sleep(Math.max(wakeAt - Date.now(), 0), undefined, { signal })
  }
}

/** Until it is stopped. */
async function keep(work: Work, context: CommandContext): Promise<void> {
  const { signal } = context
  const isNews = createIsNews()
  const report = (event: ReconcileEvent) => {
    // What Ctrl-C broke off is no news.
    if (signal.aborted || !isNews(event)) return
    if (context.json) context.print(JSON.stringify(plain(event)))
    else show(event, context)
  }
  await using deployer = createDeployer({ ...work, report })
  deployer.wake()
  const looking = setInterval(() => deployer.wake(), LOOK_MS)
  try {
    if (!signal.aborted) await once(signal, 'abort')
  } finally {
    clearInterval(looking)
  }
}

/** Whether an event says more than the one before it of its model: a rollout that waits is told at each look. */
function createIsNews(): (event: ReconcileEvent) => boolean {
  const last = new Map<string, string>()
  return event => {
    if (event.kind !== 'rolling' && event.kind !== 'held') return true
    const key = `${event.kind} ${event.model}`
    if (last.get(key) === event.line) return false
    last.set(key, event.line)
    return true
  }
}

function showAddress(url: string, context: CommandContext): void {
  context.print(context.json ? JSON.stringify({ kind: 'listening', url }) : `local: models answer at ${url}`)
}

function show(event: ReconcileEvent, context: CommandContext): void {
  if (event.kind === 'failed') context.print(styled('red', event.line))
  else if (event.kind === 'held') context.print(styled('yellow', event.line))
  else context.print(event.line)
}

function plain(event: ReconcileEvent): object {
  if (event.kind !== 'failed') return event
  const { code, message, where, fix } = event.failure.error as PressroomError
  return {
    kind: 'failed',
    model: event.failure.model,
    error: { code, what: message.split('\n', 1)[0], where, fix },
  }
}
