import { PressroomError } from '../../../core/errors.ts'
import { LostAnswer, type Transport } from './transport.ts'

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
  transport: Transport,
  act: () => Promise<T>,
  find: () => Promise<T | undefined>,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof LostAnswer)) throw error
      for (let look = 0; look < LOOKS; look++) {
        await transport.pause(look + 1)
        const found = await find()
        if (found !== undefined) return found
      }
      if (attempt >= 2) {
        throw new PressroomError(
          'server-unreachable',
          `${transport.endpoint} takes requests and does not answer them`,
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
