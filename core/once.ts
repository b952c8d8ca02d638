import { PressroomError } from './errors.ts'

/** A request that may or may not have been carried out: no answer came, or none of the server's own. */
export class LostAnswer extends Error {}

/** The way to a server, as far as repeating needs it. */
export interface Way {
  readonly endpoint: string
  /** Resolves after the pause before try `attempt + 1`, at least so many seconds; rejects when the work is to stop. */
  pause(attempt: number, least?: number): Promise<void>
  /** Told, in a line for a person, that it is looked for what a lost answer may have made: that takes its time. */
  readonly tell?: ((line: string) => void) | undefined
}

/** Looks for what a lost answer may have made before it counts as not made: over 15 to 30 s at the default pause. */
const LOOKS = 4

/**
 * Does something that must not be done twice. When its answer is lost, it is looked for, several times, since a gateway
 * may give up on a request that the server is still working on; only what is not found is done again.
 * @param act sends the request once; throws LostAnswer when nobody knows whether it was carried out
 * @param find gives what an earlier try made, or undefined
 * @throws PressroomError whatever `act` and `find` throw; `server-unreachable` when every answer is lost
 */
export async function doOnce<T>(
  way: Way,
  act: () => Promise<T>,
  find: () => Promise<T | undefined>,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof LostAnswer)) throw error
      way.tell?.(
        `${way.endpoint} took a request and did not answer it (${error.message}); looking for what it made`,
      )
      for (let look = 0; look < LOOKS; look++) {
        await way.pause(look + 1)
        const found = await find()
        if (found !== undefined) return found
      }
      if (attempt >= 2) {
        throw new PressroomError(
          'server-unreachable',
          `${way.endpoint} takes requests and does not answer them`,
          {
            where: `last: ${error.message}`,
            fix: 'nothing was found to have been made; try again when the server is well',
            cause: error.cause,
          },
        )
      }
    }
  }
}
