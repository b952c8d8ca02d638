/*
 * A service that speaks core/service-protocol.ts without any model: `node fake-service.ts [fault …]`. It answers HTTP with its
 * process number, and every text is `World` to it.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ServiceAnswer, ServiceCommand } from '../../core/service-protocol.ts'

export type Fault =
  /** Ends before it listens. */
  | 'dies-at-start'
  /** Reports that its port is in use. */
  | 'port-in-use'
  /** Never says that it listens. */
  | 'never-ready'
  /** Ends when told to load version 2. */
  | 'dies-on-2'
  /** Never answers a load. */
  | 'mute-on-load'
  /** Never answers anything. */
  | 'mute'
  /** Says yes and does nothing. */
  | 'liar'
  /** Does not end at SIGTERM. */
  | 'stubborn'

const faults = new Set(process.argv.slice(2) as Fault[])
const models: Record<string, { versions: string[]; traffic: Record<string, number> }> = {}

function act(command: ServiceCommand): string[] | undefined {
  if (command.command === 'observe') return undefined
  const { model } = command
  models[model] ??= { versions: [], traffic: {} }
  const { versions, traffic } = models[model]
  switch (command.command) {
    case 'load':
      if (faults.has('dies-on-2') && command.version === '2') process.exit(7)
      if (!versions.includes(command.version)) versions.push(command.version)
      return undefined
    case 'traffic':
      if (!Object.keys(command.split).every(version => versions.includes(version)))
        throw new Error('not loaded')
      models[model].traffic = { ...command.split }
      return undefined
    case 'unload':
      if ((traffic[command.version] ?? 0) > 0) throw new Error('it has traffic')
      models[model].versions = versions.filter(version => version !== command.version)
      return undefined
    case 'retire':
      delete models[model]
      return undefined
    case 'shadow':
    case 'measure':
      return undefined
    case 'predict':
      return command.texts.map(() => 'World')
  }
}

function answer(command: ServiceCommand): ServiceAnswer | undefined {
  const { id } = command
  if (faults.has('mute') || (faults.has('mute-on-load') && command.command === 'load')) return undefined
  try {
    const labels = faults.has('liar') ? undefined : act(command)
    return { id, ok: true, state: { models }, ...(labels !== undefined && { labels }) }
  } catch (error) {
    return { id, ok: false, error: (error as Error).message }
  }
}

if (faults.has('stubborn')) process.on('SIGTERM', () => {})
if (faults.has('dies-at-start')) {
  process.stderr.write('no more memory\n')
  process.exit(3)
}
process.on('disconnect', () => process.exit())
process.on('message', (command: ServiceCommand) => {
  const said = answer(command)
  if (said !== undefined) process.send?.(said)
})
if (faults.has('port-in-use')) {
  process.send?.({ failed: { code: 'port-in-use', message: 'port 80 is in use\n  stop what uses it' } })
} else if (!faults.has('never-ready')) {
  const server = createServer((_request, response) => response.end(`${process.pid}`))
  server.listen(0, '127.0.0.1', () => {
    process.send?.({ ready: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` } })
  })
}
