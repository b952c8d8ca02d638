import { chmodSync } from 'node:fs'

const NOBODY = 65_534

/**
 * Makes this process an ordinary user for as long as it is in use, since permissions do not bind root; everyone may then
 * write into `folder`. Where the process is one already, nothing changes.
 */
export function unprivileged(folder: string): Disposable {
  if (process.geteuid?.() !== 0) return { [Symbol.dispose]() {} }
  chmodSync(folder, 0o777)
  process.seteuid!(NOBODY)
  return { [Symbol.dispose]: () => process.seteuid!(0) }
}
