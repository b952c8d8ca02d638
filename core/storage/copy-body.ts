import { createWriteStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { backOff } from '../back-off.ts'
import { PressroomError, systemCode } from '../errors.ts'
import { isPassingFault } from '../passing-faults.ts'
import { writeFailure } from './failures.ts'
import { refused } from './objects.ts'

/** A body on its way, and what the store says of it. */
export interface Incoming {
  readonly body: Readable
  /** Undefined when the store does not say, as of what it compressed. */
  readonly bytes: number | undefined
  /** Called with every piece, in order. */
  readonly onChunk?: (chunk: Uint8Array) => void
  /** Called after the last piece: whether they were what was stored. */
  readonly isWhole?: () => boolean
}

/** The first try and two more, over a second or two: a client tries its requests again by itself, but not a body that broke off. */
const ATTEMPTS = 3
const PAUSE_SECONDS = 0.5

/** A connection that says nothing for so long is lost, though nobody has told us. */
const IDLE_MS = 60_000

/**
 * Writes what a store sends to a file, from the beginning when it breaks off.
 * @param open asks for it
 * @param where of the object, for messages
 * @throws PressroomError `server-unreachable`, `not-writable`; whatever `open` throws
 */
export async function download(
  open: () => Promise<Incoming>,
  path: string,
  where: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const pause = backOff(PAUSE_SECONDS, signal)
  for (let attempt = 0; ; attempt++) {
    try {
      return await copyBody(await open(), path, where, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (attempt + 1 === ATTEMPTS || !isPassingFault(error)) throw error
      await pause(attempt)
    }
  }
}

/** Counts as it writes: a connection that closes early must not look like the end. */
async function copyBody(incoming: Incoming, path: string, where: string, signal: AbortSignal): Promise<void> {
  const { body, bytes, onChunk, isWhole } = incoming
  let count = 0
  const idle = setTimeout(() => body.destroy(refused('unreachable', where, 'nothing', undefined)), IDLE_MS)
  body.on('data', (chunk: Uint8Array) => {
    count += chunk.length
    onChunk?.(chunk)
    idle.refresh()
  })
  try {
    await pipeline(body, createWriteStream(path), { signal })
  } catch (error) {
    signal.throwIfAborted()
    const failure = writeFailure(error, path)
    // Ours is what whoever opened it found wrong, and destroyed it by.
    if (failure !== error || error instanceof PressroomError) throw failure
    throw refused('unreachable', where, systemCode(error), error)
  } finally {
    clearTimeout(idle)
  }
  if (bytes !== undefined && count !== bytes) {
    throw refused('unreachable', where, `${count} of ${bytes} bytes`, undefined)
  }
  if (isWhole?.() === false) throw refused('unreachable', where, 'other bytes than it stores', undefined)
}
