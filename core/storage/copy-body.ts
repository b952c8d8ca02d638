import { createWriteStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { systemCode } from '../errors.ts'
import { writeFailure } from './failures.ts'
import { refused } from './objects.ts'

/**
 * Writes what a store sends to a file, and counts: a connection that closes early must not look like the end.
 * @param expected bytes, where the store says how many
 * @param where of the object, for messages
 * @throws PressroomError `server-unreachable` when less comes, `not-writable`
 */
export async function copyBody(
  body: Readable,
  path: string,
  expected: number | undefined,
  where: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  let bytes = 0
  body.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length
  })
  try {
    await pipeline(body, createWriteStream(path), { signal })
  } catch (error) {
    signal?.throwIfAborted()
    const failure = writeFailure(error, path)
    throw failure === error ? refused('unreachable', where, systemCode(error), error) : failure
  }
  if (expected !== undefined && bytes !== expected) {
    throw refused('unreachable', where, `${bytes} of ${expected} bytes`, undefined)
  }
}
