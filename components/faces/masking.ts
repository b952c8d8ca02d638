import { messageOf, PressroomError } from '../../core/errors.ts'
import type { InputDefinitions, Log } from '../definition/index.ts'

/** Shorter values would blank out ordinary text, and are no secrets. */
const LEAST_LENGTH = 4

/** Replaces the values of a stage's secrets by `***`, in whatever it says of itself. */
export interface Masking {
  log(log: Log): Log
  /** The error as it may be shown: itself when it tells no secret, else one of the same code without its cause and stack. */
  error(error: unknown): unknown
}

/** Masks the secrets that the definitions name, read from `env`; a stage's author need not think of it. */
export function maskSecrets(definitions: InputDefinitions, env: NodeJS.ProcessEnv): Masking {
  const secrets = Object.values(definitions)
    .flatMap(definition => (definition.role === 'secret' ? [env[definition.env] ?? ''] : []))
    .filter(secret => secret.length >= LEAST_LENGTH)
  if (secrets.length === 0) return { log: log => log, error: error => error }

  const mask = (text: string) => secrets.reduce((masked, secret) => masked.replaceAll(secret, '***'), text)
  return {
    log: log => ({ info: line => log.info(mask(line)), warn: line => log.warn(mask(line)) }),
    error: error => {
      if (mask(everything(error)) === everything(error)) return error
      if (!(error instanceof PressroomError)) {
        return new PressroomError('stage-failed', mask(messageOf(error)))
      }
      const { code, what, where, fix } = error
      return new PressroomError(code, mask(what), { where: where && mask(where), fix: fix && mask(fix) })
    },
  }
}

/** All that an error may show: its message and stack, and those of its causes. */
function everything(error: unknown): string {
  if (!(error instanceof Error)) return messageOf(error)
  const cause = error.cause === undefined ? '' : everything(error.cause)
  return [error.message, error.stack, cause].join('\n')
}
