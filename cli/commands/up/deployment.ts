import { randomBytes } from 'node:crypto'
import { asPressroomError, PressroomError } from '../../../core/errors.ts'
import { deliverOutbox, type Registry, watchOutbox } from '../../../core/registry/index.ts'
import { createDeployer, createReceiver, listen, localTarget } from '../../../webhook/index.ts'
import { packageModule } from '../../package-file.ts'

export interface DeploymentOptions {
  readonly registry: Registry
  readonly env: NodeJS.ProcessEnv
  readonly host: string
  readonly port: number
  /** Gets a line whenever another version serves, or something failed. */
  readonly report: (line: string) => void
}

/** What is served after the registry was heard. */
interface Served {
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
export async function startDeployment(options: DeploymentOptions): Promise<Deployment> {
  const { registry, env, host, port, report } = options
  await using started = new AsyncDisposableStack()
  const stop = new AbortController()
  const secret = env.MLFLOW_WEBHOOK_SECRET || randomBytes(32).toString('hex')
  let failed: PressroomError | undefined
  let verified = 0

  // The service answers the public; what signs events is not its business.
  const { MLFLOW_WEBHOOK_SECRET: _, ...serviceEnv } = env
  const target = started.use(
    localTarget({
      main: packageModule('serving/main'),
      args: ['--host', host, '--port', String(port)],
      env: serviceEnv,
    }),
  )
  const { url } = await target.start()
  const deployer = started.use(
    createDeployer({
      registry,
      target,
      report: event => {
        if (event.kind === 'failed') failed = event.failure.error
        if (event.kind === 'serving') failed = undefined
        if (event.kind === 'held') failed ??= new PressroomError('deployment-failed', event.line)
        if (event.kind === 'serving' || event.kind === 'failed' || event.kind === 'held') report(event.line)
      },
    }),
  )
  const receiver = createReceiver({
    secrets: [secret],
    wake: () => {
      verified += 1
      deployer.wake()
    },
  })
  const server = started.use(await listen(receiver))
  const delivery = { url: `${server.url}/webhook`, secret, signal: stop.signal }
  const watching = watchOutbox(registry, delivery).catch((error: unknown) => {
    report(`events are no longer sent: ${asPressroomError(error).message}`)
  })
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
      if (version === undefined || observed?.traffic[version] !== 100) {
        throw (
          failed ??
          new PressroomError('deployment-failed', `${model} has no champion to serve`, {
            fix: 'see pressroom models',
          })
        )
      }
      const events = verified === 1 ? 'event verified' : `${verified} events verified`
      return { version, summary: `${events}; ${target.name}: ${model} ${version} takes 100 %` }
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
