export interface SeenOptions {
  /** Ids kept; the least recently met is forgotten first. */
  readonly capacity: number
  /** Milliseconds for which an id is kept after it was last met. */
  readonly lifetime: number
  /** Milliseconds on any clock that never goes back. */
  readonly now?: () => number
}

/** Ids met before, within bounds of number and time. */
export interface Seen {
  /** Whether the id is known; asking counts as meeting it. */
  has(id: string): boolean
  add(id: string): void
  readonly size: number
}

/** An empty memory of ids. */
export function createSeen({ capacity, lifetime, now = () => performance.now() }: SeenOptions): Seen {
  // An id that is met moves to the end of the map, so the map's order is both that of use and that of expiry.
  const expiries = new Map<string, number>()

  function prune(): void {
    const time = now()
    for (const [oldest, expiry] of expiries) {
      if (expiry > time && expiries.size <= capacity) return
      expiries.delete(oldest)
    }
  }

  return {
    has(id) {
      prune()
      const known = expiries.has(id)
      if (known) this.add(id)
      return known
    },
    add(id) {
      expiries.delete(id)
      expiries.set(id, now() + lifetime)
      prune()
    },
    get size() {
      return expiries.size
    },
  }
}
