import { Script } from 'node:vm'
import { PressroomError, systemCode } from '../../core/errors.ts'

const KEY = Symbol.for('pressroom.guarded')
const SCRIPT = 'globalThis[Symbol.for("pressroom.guarded")]()'

/** Signals that end the process by themselves while nothing of ours can run to do it. */
const ENDING = ['SIGTERM', 'SIGHUP'] as const

/** What {@link guarded} returns when the time was up. */
export const TIME_UP = Symbol('time up')

/**
 * Runs what may never end. V8 stops it from outside when the time is up and at Ctrl-C, which a timer of this thread
 * could not; it takes no second thread of JavaScript.
 * @throws PressroomError `cancelled` at Ctrl-C; whatever it throws
 */
export function guarded<T>(run: () => T, seconds: number): T | typeof TIME_UP {
  const held = ENDING.map(name => [name, process.listeners(name)] as const)
  for (const name of ENDING) process.removeAllListeners(name)
  Object.assign(globalThis, { [KEY]: run })
  try {
    return new Script(SCRIPT).runInThisContext({ timeout: seconds * 1000, breakOnSigint: true })
  } catch (error) {
    if (systemCode(error) === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return TIME_UP
    if (systemCode(error) === 'ERR_SCRIPT_EXECUTION_INTERRUPTED')
      throw new PressroomError('cancelled', 'stopped')
    throw error
  } finally {
    Reflect.deleteProperty(globalThis, KEY)
    for (const [name, listeners] of held) for (const each of listeners) process.on(name, each)
  }
}
