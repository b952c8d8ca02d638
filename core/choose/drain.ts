/**
 * Does pieces of work, `lanes` at a time. What a piece leads to comes before what waits, so that what it made can be let go soon.
 * @throws what the first piece that fails throws; no other is begun after it
 */
export async function drain<T>(
  first: readonly T[],
  lanes: number,
  work: (piece: T) => Promise<readonly T[]>,
): Promise<void> {
  const waiting = [...first]
  let failed = false
  let running = 0
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const next = () => {
    while (!failed && running < lanes && waiting.length > 0) {
      running++
      work(waiting.shift()!).then(
        more => {
          running--
          waiting.unshift(...more)
          next()
        },
        error => {
          failed = true
          reject(error)
        },
      )
    }
    if (running === 0 && waiting.length === 0) resolve()
  }
  next()
  await promise
}
