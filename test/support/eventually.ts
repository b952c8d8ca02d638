import { setTimeout as sleep } from 'node:timers/promises'

/** Polls until the probe gives something, and returns it. One that never does fails here, with what `seen` tells, rather than for ever. */
export async function eventually<T>(probe: () => T | Promise<T>, seen = () => ''): Promise<NonNullable<T>> {
  const deadline = Date.now() + 20_000
  for (;;) {
    const answer = await probe()
    if (answer) return answer as NonNullable<T>
    if (Date.now() > deadline) throw new Error(`it never happened\n${seen()}`)
    await sleep(5)
  }
}
