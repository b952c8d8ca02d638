import { once } from 'node:events'
import {
  openWorkplace,
  parseDeployerSettings,
  startDeployerService,
  structuredLog,
} from '../../../webhook/index.ts'
import type { CommandContext } from '../../command.ts'
import { packageModule } from '../../package-file.ts'

interface DeployerInputs {
  readonly file?: string
  readonly registry?: string
  readonly port?: number
  readonly operatorPort?: number
  readonly servicePort: number
}

/** Runs the deployer until the first Ctrl-C, with its log on standard error. */
export async function runDeployer(context: CommandContext): Promise<void> {
  const { file, registry, port, operatorPort, servicePort } = context.settings as unknown as DeployerInputs
  const { env } = context
  const settings = parseDeployerSettings({
    ...env,
    // What a person gives is for this machine, unless PRESSROOM_HOST says more; a platform's PORT is for all.
    ...(port !== undefined && { PORT: String(port), PRESSROOM_HOST: env.PRESSROOM_HOST || '127.0.0.1' }),
    ...(file !== undefined && { PRESSROOM_DEPLOYMENT: file }),
    ...(registry !== undefined && { PRESSROOM_REGISTRY: registry }),
    ...(operatorPort !== undefined && { PRESSROOM_OPERATOR_PORT: String(operatorPort) }),
  })
  const log = structuredLog(line => process.stderr.write(line))
  const service = {
    main: packageModule('serving/main'),
    args: ['--port', String(servicePort)],
    onListening: (url: string) => log('NOTICE', `local: models answer at ${url}`),
  }
  await using opened = new AsyncDisposableStack()
  await using running = await startDeployerService({
    settings,
    log,
    open: () =>
      openWorkplace(settings, opened, {
        env: withoutOurs(env),
        service,
        onWait: line => log('WARNING', line),
      }),
  })
  const { url, operatorUrl } = running
  context.print(
    context.json
      ? JSON.stringify({ url: `${url}/webhook`, operatorUrl: operatorUrl ?? null })
      : [`${url}/webhook`, operatorUrl && `${operatorUrl}/status`, 'Ctrl-C stops'].filter(Boolean).join('  '),
  )
  if (!context.signal.aborted) await Promise.race([once(context.signal, 'abort'), running.failed])
}

/** What signs events or lets operators in is not the service's business; and a platform's PORT is the receiver's. */
const OURS: ReadonlySet<string> = new Set([
  'MLFLOW_WEBHOOK_SECRET',
  'MLFLOW_WEBHOOK_SECRET_PREVIOUS',
  'PRESSROOM_OPERATOR_TOKEN',
  'PRESSROOM_SLACK_WEBHOOK_URL',
  'PRESSROOM_GITHUB_TOKEN',
  'PORT',
])

function withoutOurs(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !OURS.has(name)))
}
