import { PressroomError } from './errors.ts'

/**
 * An abort signal for the first Ctrl-C, SIGTERM or SIGHUP; its reason is a `cancelled` PressroomError. A second one
 * takes the signal's own way and ends the process at once.
 */
export function stopSignal(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController()
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const stop = () => {
    controller.abort(new PressroomError('cancelled', 'stopped'))
    release()
  }
  const release = () => {
    for (const name of names) process.off(name, stop)
  }
  for (const name of names) process.on(name, stop)
  return { signal: controller.signal, [Symbol.dispose]: release }
}
