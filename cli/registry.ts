import type { RegistryOptions } from '../core/registry/index.ts'
import type { CommandContext } from './command.ts'

/** How a command waits for a registry's server: it says so on standard error, and Ctrl-C ends it. */
export function patiently({ signal, log }: Pick<CommandContext, 'signal' | 'log'>): RegistryOptions {
  let hint = '; Ctrl-C stops'
  return {
    signal,
    onWait(line) {
      log.warn(line + hint)
      hint = ''
    },
  }
}

/** The same for a command that puts nothing into a registry: one that was not there was probably meant to be elsewhere. */
export function lookingIn(context: Pick<CommandContext, 'signal' | 'log'>): RegistryOptions {
  return { ...patiently(context), onNew: line => context.log.warn(line) }
}
