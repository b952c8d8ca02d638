/** Lets `size` pieces of work run at a time; the others wait in the order they came. */
export function createGate(size: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = size
  const waiting: (() => void)[] = []
  return async work => {
    if (free > 0) free--
    else await new Promise<void>(enter => waiting.push(enter))
    try {
      return await work()
    } finally {
      // A place is handed on rather than freed, so that nobody who comes now gets ahead of those who wait.
      const next = waiting.shift()
      if (next === undefined) free++
      else next()
    }
  }
}
