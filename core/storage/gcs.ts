import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { PressroomError, systemCode } from '../errors.ts'
import { optionalPackage } from '../optional-package.ts'
import { download, type Incoming } from './copy-body.ts'
import { readFailure } from './failures.ts'
import { type ObjectInfo, type ObjectStore, type Refusal, refused } from './objects.ts'

const USE =
  'gs:// is spoken to with it; the GitHub actions come without, so fetch the file there in a step before: gcloud storage cp'

/** Below this an upload is one request from memory; above, Google's resumable protocol, which goes on after a lost connection. */
const RESUMABLE_BYTES = 8 * 2 ** 20

/** For a request and its answer; an upload in one request has at most 8 MiB. */
const REQUEST_MS = 300_000

/** A bucket of Google Cloud Storage. The client tries passing faults again, with back-off, for up to a minute. */
export async function openGcs(name: string): Promise<ObjectStore> {
  const load = () => import('@google-cloud/storage')
  const { Storage, IdempotencyStrategy, CRC32C } = await optionalPackage('@google-cloud/storage', load, {
    use: USE,
  })
  // Writing the same content to the same name twice is harmless, so every request may be tried again.
  const retryOptions = {
    idempotencyStrategy: IdempotencyStrategy.RetryAlways,
    totalTimeout: 60,
    maxRetries: 4,
  }
  // The client's own STORAGE_EMULATOR_HOST leaves the API's path out and reaches no server that has one.
  const endpoint = process.env.PRESSROOM_GCS_ENDPOINT
  const local = endpoint ? { apiEndpoint: endpoint, projectId: 'local' } : {}
  const storage = new Storage({ retryOptions, timeout: REQUEST_MS, ...local })
  const bucket = storage.bucket(name)
  const uri = `gs://${name}`
  const send = async <T>(
    where: string,
    absent: Refusal,
    signal: AbortSignal | undefined,
    request: () => Promise<T>,
  ): Promise<T> => {
    try {
      return await unlessAborted(request, signal)
    } catch (error) {
      signal?.throwIfAborted()
      throw failureOf(error, where, absent)
    }
  }
  return {
    uri,
    async *list(prefix, signal) {
      let pageToken: string | undefined
      do {
        const query = { prefix, autoPaginate: false, ...(pageToken && { pageToken }) }
        const [files, , answer] = await send(uri, 'no-bucket', signal, () => bucket.getFiles(query))
        for (const { name: key, metadata } of files) yield infoOf(key, metadata)
        pageToken = (answer as { nextPageToken?: string } | undefined)?.nextPageToken
      } while (pageToken !== undefined)
    },
    async head(key, signal) {
      try {
        const ask = () => bucket.file(key).getMetadata()
        const [metadata] = await send(`${uri}/${key}`, 'no-object', signal, ask)
        return infoOf(key, metadata)
      } catch (error) {
        if (error instanceof PressroomError && error.code === 'file-not-found') return undefined
        throw error
      }
    },
    async read(key, path, signal) {
      const where = `${uri}/${key}`
      const [metadata] = await send(where, 'no-object', signal, () => bucket.file(key).getMetadata())
      const { size, crc32c, generation, contentEncoding } = metadata
      const url = new URL(`${storage.baseUrl}/b/${name}/o/${encodeURIComponent(key)}`)
      // Of the generation that was looked at: a new one in between is another file.
      url.search = new URLSearchParams({ alt: 'media', generation: String(generation) }).toString()
      // The client's own download waits for ever when the connection is lost midway: node-fetch 2 does not tell it.
      const open = async (): Promise<Incoming> => {
        const headers = endpoint ? {} : await storage.authClient.getRequestHeaders(url.href)
        const response = await fetch(url, { headers, signal: signal ?? null })
        const body = Readable.fromWeb((response.body ?? new Blob([]).stream()) as ReadableStream)
        if (!response.ok) {
          body.destroy()
          throw Object.assign(new Error(response.statusText), { code: response.status })
        }
        // fetch undoes the compression, as gcloud's own download does.
        if (contentEncoding === 'gzip') return { body, bytes: undefined }
        const crc = new CRC32C()
        const isWhole = () => crc32c === undefined || crc.validate(crc32c)
        return { body, bytes: Number(size), onChunk: chunk => crc.update(Buffer.from(chunk)), isWhole }
      }
      await download(() => send(where, 'no-object', signal, open), path, where, signal)
    },
    async write(key, path, signal) {
      const { size } = await stat(path).catch(error => {
        throw readFailure(error, path)
      })
      const file = bucket.file(key)
      const upload = async () => {
        if (size <= RESUMABLE_BYTES) return file.save(await readFile(path), { resumable: false })
        return pipeline(createReadStream(path), file.createWriteStream({ resumable: true }), { signal })
      }
      await send(`${uri}/${key}`, 'no-bucket', signal, upload)
    },
    async delete(key, signal) {
      const ask = () => bucket.file(key).delete({ ignoreNotFound: true })
      await send(`${uri}/${key}`, 'no-bucket', signal, ask)
    },
  }
}

/** The client takes no signals: what was sent goes on, and nobody waits for it. */
async function unlessAborted<T>(request: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return request()
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([request(), aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function infoOf(key: string, metadata: { size?: string | number; generation?: string | number }): ObjectInfo {
  return { key, bytes: Number(metadata.size ?? 0), version: String(metadata.generation ?? '') }
}

/** @param absent what a 404 is about: Google's answer does not always tell */
function failureOf(error: unknown, where: string, absent: Refusal): unknown {
  if (error instanceof PressroomError || !(error instanceof Error) || error.name === 'AbortError')
    return error
  const { code } = error as { code?: unknown }
  const detail =
    systemCode(error) ?? systemCode(error.cause) ?? (typeof code === 'number' ? `HTTP ${code}` : undefined)
  return refused(refusalOf(error, code, absent), where, detail, error)
}

function refusalOf({ message }: Error, code: unknown, absent: Refusal): Refusal {
  if (/default credentials|Could not refresh access token/i.test(message)) return 'no-credentials'
  if (/invalid_grant|Invalid Credentials/i.test(message) || code === 401) return 'bad-credentials'
  if (code === 403) return 'forbidden'
  if (code === 404) return /bucket does not exist/i.test(message) ? 'no-bucket' : absent
  return 'unreachable'
}
