/** Runs work now, or when one of the pieces before it has ended. */
export type Limit = <T>(work: (waited: boolean) => Promise<T>) => Promise<T>

/**
 * Lets so many pieces of work run at once; the others wait, and begin in the order in which they came.
 * @returns what the work returns; `work` is told whether it had to wait
 */
export function limitTo(most: number): Limit {
  const waiting: (() => void)[] = []
  let running = 0
  return async work => {
    const waits = running === most
    // Whoever ends hands its place on, so that nobody slips in between.
    if (waits) await new Promise<void>(resolve => waiting.push(resolve))
    else running += 1
    try {
      return await work(waits)
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}

/**
 * One answer for all who ask at once: each gets one that was asked for after it came, and no two are asked for at the same time.
 */
export function shareAnswers<T>(ask: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  let next: Promise<T> | undefined
  return () => {
    next ??= last.then(() => {
      next = undefined
      const asked = ask()
      last = asked.catch(() => {})
      return asked
    })
    return next
  }
}
