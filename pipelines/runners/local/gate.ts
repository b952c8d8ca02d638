/**
 * Runs work when there is room for it.
 * @param rank compared number by number: lower ones go before those that wait with higher ones
 */
export type Gate = <T>(work: () => Promise<T>, rank?: readonly number[]) => Promise<T>

/** Lets `size` pieces of work run at a time; the others wait, those of equal rank in the order they came. */
export function createGate(size: number): Gate {
  let free = size
  const waiting: { readonly rank: readonly number[]; readonly enter: () => void }[] = []
  const wait = (rank: readonly number[]) =>
    new Promise<void>(enter => {
      let at = waiting.length
      while (at > 0 && isBefore(rank, waiting[at - 1]!.rank)) at--
      waiting.splice(at, 0, { rank, enter })
    })
  return async (work, rank = []) => {
    if (free > 0) free--
    else await wait(rank)
    try {
      return await work()
    } finally {
      // A place is handed on rather than freed, so that nobody who comes now gets ahead of those who wait.
      const next = waiting.shift()
      if (next === undefined) free++
      else next.enter()
    }
  }
}

function isBefore(rank: readonly number[], other: readonly number[]): boolean {
  const at = rank.findIndex((number, i) => number !== other[i])
  return at !== -1 && rank[at]! < (other[at] ?? Number.NEGATIVE_INFINITY)
}
