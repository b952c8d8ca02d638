/** What a suite reports to. */
export interface Checks {
  /** Runs one check; a rejection is its failure, and the suite goes on. */
  check(title: string, body: () => Promise<void>): Promise<void>
  /** Says that one check cannot be made here, and why. */
  skip(title: string, reason: string): void
}

/** Checks against one real peer: each module beside this one that `run.ts` lists. */
export interface InteropSuite {
  /** Why the peer is not here, or undefined when it is. Installing it from a package registry belongs here. */
  available(): Promise<string | undefined>
  checks(t: Checks): Promise<void>
}
