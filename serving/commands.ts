import { asPressroomError } from '../core/errors.ts'
import type { ServiceAnswer, ServiceCommand, ServiceMeasured } from '../core/service-protocol.ts'
import type { ModelHost } from './host.ts'

/**
 * Carries out the deployer's commands, each after the one before it for the same model, so that they take effect in the order in which
 * they came, and a model that loads slowly holds up no other. Never rejects: a command that fails is answered with why.
 */
export function createCommander(host: ModelHost): (command: ServiceCommand) => Promise<ServiceAnswer> {
  const last = new Map<string, Promise<unknown>>()
  return command => {
    if (command.command === 'observe') return carryOut(host, command)
    const { model } = command
    const answer = (last.get(model) ?? Promise.resolve()).then(() => carryOut(host, command))
    last.set(model, answer)
    void answer.then(() => last.get(model) === answer && last.delete(model))
    return answer
  }
}

async function carryOut(host: ModelHost, command: ServiceCommand): Promise<ServiceAnswer> {
  const { id } = command
  try {
    const result = await act(host, command)
    return { id, ok: true, state: host.state(), ...result }
  } catch (error) {
    return { id, ok: false, error: asPressroomError(error).message }
  }
}

interface Result {
  readonly labels?: readonly string[]
  readonly measured?: ServiceMeasured
}

async function act(host: ModelHost, command: ServiceCommand): Promise<Result | undefined> {
  switch (command.command) {
    case 'observe':
      return undefined
    case 'load':
      await host.load(command.model, command.version, command.folder)
      return undefined
    case 'traffic':
      host.setTraffic(command.model, command.split, command.rollout)
      return undefined
    case 'shadow':
      host.setShadow(command.model, command.version, command.share)
      return undefined
    case 'measure': {
      const measured = host.measure(command.model, command.version, command.from, command.to)
      return measured && { measured }
    }
    case 'unload':
      await host.unload(command.model, command.version)
      return undefined
    case 'retire':
      await host.retire(command.model)
      return undefined
    case 'predict': {
      const { model, version, texts } = command
      const predictions = await host.useVersion(model, version, served => served.model.predict(texts))
      return { labels: predictions.map(({ label }) => label) }
    }
    default:
      throw new TypeError(`there is no command "${(command as ServiceCommand).command}"`)
  }
}
