import { randomBytes } from 'node:crypto'
import { PressroomError } from '../../../core/errors.ts'
import { deliverOutbox, type Registry, watchOutbox } from '../../../core/registry/index.ts'
import {
  createDeployer,
  createReceiver,
  listen,
  localTarget,
  type ReconcileEvent,
} from '../../../webhook/index.ts'
import { packageModule } from '../../package-file.ts'

export interface DeploymentOptions {
  readonly registry: Registry
  readonly env: NodeJS.ProcessEnv
  readonly host: string
  readonly port: number
}

/** What is served after the registry was heard. */
export interface Served {
  readonly version: string
  /** `event verified; local: news 1 takes 100 %` */
  readonly summary: string
}

/** A receiver, a deployer and a service, joined to the registry's events. Disposing it stops all of them. */
export interface Deployment extends AsyncDisposable {
  /** Of the service. */
  readonly url: string
  /**
   * Waits until every event has been delivered and the model's champion serves.
   * @throws PressroomError why it does not
   */
  deployed(model: string, signal: AbortSignal): Promise<Served>
}

/**
 * Starts the way from registry to service on this machine: events are signed, sent over loopback, verified, and make the
 * deployer look at the registry. The secret lives as long as this process, unless MLFLOW_WEBHOOK_SECRET sets one.
 * @throws PressroomError `port-in-use` and whatever else keeps the service from listening
 */
export async function startDeployment({ registry, env, host, port }: DeploymentOptions): Promise<Deployment> {
  await using started = new AsyncDisposableStack()
  const stop = new AbortController()
  const secret = env.MLFLOW_WEBHOOK_SECRET || randomBytes(32).toString('hex')
  const news: ReconcileEvent[] = []
  let verified = 0

  const target = started.use(
    localTarget({ main: packageModule('serving/main'), args: ['--host', host, '--port', String(port)], env }),
  )
  const { url } = await target.start()
  const deployer = started.use(createDeployer({ registry, target, report: event => void news.push(event) }))
  const receiver = createReceiver({
    secrets: [secret],
    wake: () => {
      verified += 1
      deployer.wake()
    },
  })
  const server = started.use(await listen(receiver))
  const delivery = { url: `${server.url}/webhook`, secret, signal: stop.signal }
  const watching = watchOutbox(registry, delivery)
  started.defer(async () => {
    stop.abort()
    await watching
  })
  // Whatever moved while nobody listened.
  deployer.wake()

  const running = started.move()
  return {
    url,
    async deployed(model, signal) {
      await deliverOutbox(registry, { ...delivery, signal: AbortSignal.any([signal, stop.signal]) })
      await deployer.settled()
      signal.throwIfAborted()
      const version = (await registry.getModel(model))?.aliases.champion
      const observed = (await target.observe()).models[model]
      if (version === undefined || observed?.traffic[version] !== 100) throw reasonOf(news, model)
      const events = verified === 1 ? 'event verified' : `${verified} events verified`
      return { version, summary: `${events}; ${target.name}: ${model} ${version} takes 100 %` }
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

function reasonOf(news: readonly ReconcileEvent[], model: string): PressroomError {
  const last = news.findLast(event => event.kind === 'failed')
  return last?.kind === 'failed'
    ? last.failure.error
    : new PressroomError('deployment-failed', `${model} has no champion to serve`, {
        fix: 'see pressroom models',
      })
}
