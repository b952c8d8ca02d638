/**
 * The service as a process: `node serving/main.ts [--host …] [--port …] [--runtime …] [name@version=folder …]`.
 * Started with an IPC channel it takes the commands of core/service-protocol.ts and stops when the channel closes.
 */
import { parseArgs } from 'node:util'
import { asPressroomError, messageOf, PressroomError } from '../core/errors.ts'
import type { ServiceCommand, ServiceFailed, ServiceReady } from '../core/service-protocol.ts'
import { createCommander } from './commands.ts'
import { type RunningService, serve } from './serve.ts'
import { parseServeSettings, type ServeSettings } from './settings.ts'

const deployer = process.send?.bind(process)

try {
  const settings = readSettings()
  const service = await serve(settings)
  stopCleanly(service)
  if (process.connected) obey(service)
  else if (deployer === undefined) process.stdout.write(`${service.url}\n`)
  // The deployer went while the service started; nobody else would stop it.
  else await service.close()
} catch (error) {
  const { code, message } = asPressroomError(error)
  process.stderr.write(`pressroom-serve: ${message}\n`)
  process.exitCode = 1
  deployer?.({ failed: { code, message } } satisfies ServiceFailed, () => leave())
}

function readSettings(): ServeSettings {
  const settings = parseServeSettings(readFlags(), process.env)
  if (settings.models.length > 0 || deployer !== undefined) return settings
  throw new PressroomError('usage', 'no model to serve', {
    fix: 'name a model folder, as an argument or in PRESSROOM_MODEL',
  })
}

function readFlags() {
  try {
    const { values, positionals } = parseArgs({
      options: { host: { type: 'string' }, port: { type: 'string' }, runtime: { type: 'string' } },
      allowPositionals: true,
    })
    return { ...values, models: positionals }
  } catch (cause) {
    throw new PressroomError('usage', messageOf(cause), {
      fix: 'it takes --host, --port, --runtime and model folders',
      cause,
    })
  }
}

function obey(service: RunningService): void {
  const carryOut = createCommander(service.host)
  process.on('message', async (command: ServiceCommand) => {
    const answer = await carryOut(command)
    if (process.connected) deployer?.(answer)
  })
  deployer?.({ ready: { url: service.url } } satisfies ServiceReady)
}

function stopCleanly(service: RunningService): void {
  const stop = async () => {
    await service.close()
    leave()
  }
  // Once: a second Ctrl-C ends the process at once, as it would any other.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop)
  process.on('disconnect', stop)
}

/** Closes the channel to the deployer, which would keep the process alive. */
function leave(): void {
  if (process.connected) process.disconnect()
}
