import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { PressroomError, systemCode } from '../errors.ts'
import { optionalPackage } from '../optional-package.ts'
import { copyBody } from './copy-body.ts'
import { readFailure } from './failures.ts'
import { type ObjectInfo, type ObjectStore, type Refusal, refused } from './objects.ts'

/** Below this an upload is one request from memory; above, Google's resumable protocol, which goes on after a lost connection. */
const RESUMABLE_BYTES = 8 * 2 ** 20

/** A bucket of Google Cloud Storage. The client tries passing faults again, with back-off, for up to a minute. */
export async function openGcs(name: string): Promise<ObjectStore> {
  const load = () => import('@google-cloud/storage')
  const { Storage, IdempotencyStrategy } = await optionalPackage('@google-cloud/storage', load)
  // Writing the same content to the same name twice is harmless, so every request may be tried again.
  const retryOptions = {
    idempotencyStrategy: IdempotencyStrategy.RetryAlways,
    totalTimeout: 60,
    maxRetries: 4,
  }
  // The client's own STORAGE_EMULATOR_HOST leaves the API's path out and reaches no server that has one.
  const endpoint = process.env.PRESSROOM_GCS_ENDPOINT
  const local = endpoint ? { apiEndpoint: endpoint, projectId: 'local' } : {}
  const bucket = new Storage({ retryOptions, ...local }).bucket(name)
  const uri = `gs://${name}`
  const send = async <T>(where: string, absent: Refusal, request: () => Promise<T>): Promise<T> => {
    try {
      return await request()
    } catch (error) {
      throw failureOf(error, where, absent)
    }
  }
  return {
    uri,
    async *list(prefix, signal) {
      let pageToken: string | undefined
      do {
        signal?.throwIfAborted()
        const query = { prefix, autoPaginate: false, ...(pageToken && { pageToken }) }
        const [files, , answer] = await send(uri, 'no-bucket', () => bucket.getFiles(query))
        for (const { name: key, metadata } of files) yield infoOf(key, metadata)
        pageToken = (answer as { nextPageToken?: string } | undefined)?.nextPageToken
      } while (pageToken !== undefined)
    },
    async head(key, signal) {
      signal?.throwIfAborted()
      try {
        const [metadata] = await bucket.file(key).getMetadata()
        return infoOf(key, metadata)
      } catch (error) {
        const failure = failureOf(error, `${uri}/${key}`, 'no-object')
        if (failure instanceof PressroomError && failure.code === 'file-not-found') return undefined
        throw failure
      }
    },
    async read(key, path, signal) {
      const where = `${uri}/${key}`
      const [metadata] = await send(where, 'no-object', () => bucket.file(key).getMetadata())
      // Of the generation that was looked at: a new one in between is another file.
      const file = bucket.file(key, { generation: metadata.generation! })
      const body = file.createReadStream({ decompress: false })
      await copyBody(body, path, Number(metadata.size), where, signal).catch(error => {
        throw error instanceof PressroomError && error.cause !== undefined
          ? failureOf(error.cause, where, 'no-object')
          : error
      })
    },
    async write(key, path, signal) {
      signal?.throwIfAborted()
      const where = `${uri}/${key}`
      const { size } = await stat(path).catch(error => {
        throw readFailure(error, path)
      })
      const file = bucket.file(key)
      if (size <= RESUMABLE_BYTES) {
        const bytes = await readFile(path)
        await send(where, 'no-bucket', () => file.save(bytes, { resumable: false }))
      } else {
        const up = () =>
          pipeline(createReadStream(path), file.createWriteStream({ resumable: true }), { signal })
        await send(where, 'no-bucket', up)
      }
    },
    async delete(key) {
      await send(`${uri}/${key}`, 'no-bucket', () => bucket.file(key).delete({ ignoreNotFound: true }))
    },
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
  const detail = systemCode(error) ?? (typeof code === 'number' ? `HTTP ${code}` : undefined)
  return refused(refusalOf(error, code, absent), where, detail, error)
}

function refusalOf({ message }: Error, code: unknown, absent: Refusal): Refusal {
  if (/default credentials|Could not refresh access token/i.test(message)) return 'no-credentials'
  if (/invalid_grant|Invalid Credentials/i.test(message) || code === 401) return 'bad-credentials'
  if (code === 403) return 'forbidden'
  if (code === 404) return /bucket does not exist/i.test(message) ? 'no-bucket' : absent
  return 'unreachable'
}
