import { stat } from 'node:fs/promises'
import { getHeapStatistics } from 'node:v8'
import { PressroomError } from '../errors.ts'

/**
 * Of a file's bytes, what its rows take on the heap: the texts themselves, twice that where one character is beyond Latin-1, and
 * an object with a place in a table for each row.
 */
const HEAP_A_BYTE = 1.5

/** What V8 counts into its limit for objects that are new, and never gives to old ones. */
const YOUNG = 192 * 2 ** 20

const MEGABYTE = 1e6

/**
 * Refuses a file whose rows would not fit the heap, which V8 would find out halfway and end the process for. What is no regular
 * file says no size, and whatever cannot be looked at is left to whoever opens it.
 * @param left bytes; by default what the heap and the system still give
 * @throws PressroomError `not-enough-memory` that says what to raise or lower
 */
export async function requireRoomFor(path: string, left = bytesLeft()): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile()) return
  const needed = found.size * HEAP_A_BYTE
  if (needed <= left) return
  throw new PressroomError(
    'not-enough-memory',
    `the rows of ${path} need about ${megabytes(needed)}, and ${megabytes(left)} are left`,
    {
      where: `the file has ${megabytes(found.size)}; all its rows are kept on JavaScript's heap`,
      fix: `give fewer rows, or a larger heap: NODE_OPTIONS=--max-old-space-size=${Math.ceil((2 * needed) / 2 ** 20)}`,
    },
  )
}

function bytesLeft(): number {
  const { heap_size_limit: limit, used_heap_size: used } = getHeapStatistics()
  return Math.max(Math.min(limit - YOUNG - used, process.availableMemory()), 0)
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / MEGABYTE).toLocaleString('en')} MB`
}
