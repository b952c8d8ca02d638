/** The deployer as a process, configured by its environment alone: what `webhook/Containerfile` runs. */
import { once } from 'node:events'
import { asPressroomError } from '../core/errors.ts'
import { stopSignal } from '../core/stop-signal.ts'
import { structuredLog } from './log.ts'
import { startDeployerService } from './service.ts'
import { parseDeployerSettings } from './settings.ts'

const log = structuredLog(line => process.stdout.write(line))

try {
  using stop = stopSignal()
  await using opened = new AsyncDisposableStack()
  const settings = parseDeployerSettings(process.env)
  await using service = await startDeployerService({
    settings,
    log,
    open: async () => {
      const warn = (line: string) => log('WARNING', line)
      return (await import('./open.ts')).openWorkplace(settings, opened, {
        env: process.env,
        onWait: warn,
        onNew: warn,
      })
    },
  })
  log('NOTICE', `events are received at ${service.url}/webhook`)
  await Promise.race([once(stop.signal, 'abort'), service.failed])
  log('NOTICE', 'stopping')
} catch (error) {
  log('ERROR', asPressroomError(error).message)
  process.exitCode = 1
}
// A step that cannot be cut short must not keep the process: the next one takes it again.
process.exit()
