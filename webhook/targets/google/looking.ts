import { pauseFor, type Waiting } from '../../../core/google/operations.ts'
import { CODE, codeOf } from '../../../core/google/status.ts'

/** Looks for what an operation made: lists and lookups may be some seconds behind. */
const LOOKS = 5

/** What `look` finds, or undefined when it finds nothing for a while. */
export async function untilThere<T>(
  look: () => Promise<T | undefined>,
  { pollSeconds, signal }: Waiting,
): Promise<T | undefined> {
  for (let looked = 1; ; looked++) {
    const found = await look()
    if (found !== undefined || looked === LOOKS) return found
    await pauseFor(pollSeconds, signal)
  }
}

/** An answer, or undefined when the server says that there is no such thing. */
export async function orAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (codeOf(error) === CODE.notFound) return undefined
    throw error
  }
}
