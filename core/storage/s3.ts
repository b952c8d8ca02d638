import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { PressroomError, systemCode } from '../errors.ts'
import { optionalPackage } from '../optional-package.ts'
import { download } from './copy-body.ts'
import { readFailure } from './failures.ts'
import { type ObjectInfo, type ObjectStore, type Refusal, refused } from './objects.ts'

/** Without a byte; the SDK itself would wait for ever. */
const IDLE_MS = 30_000

/** What a stop may take. */
const DISCARD_MS = 2000

/** By the error's name; S3 answers HEAD without a body, and so only with a status. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  CredentialsProviderError: 'no-credentials',
  InvalidAccessKeyId: 'bad-credentials',
  SignatureDoesNotMatch: 'bad-credentials',
  ExpiredToken: 'bad-credentials',
  InvalidToken: 'bad-credentials',
  AccessDenied: 'forbidden',
  AllAccessDisabled: 'forbidden',
  NoSuchBucket: 'no-bucket',
  NoSuchKey: 'no-object',
  NotFound: 'no-object',
  PermanentRedirect: 'elsewhere',
  AuthorizationHeaderMalformed: 'elsewhere',
  IllegalLocationConstraintException: 'elsewhere',
  TimeoutError: 'unreachable',
}

const ADVICE = {
  use: 's3:// is spoken to with it; the GitHub actions come without, so fetch the file there in a step before: aws s3 cp',
  fix: 'npm install @aws-sdk/client-s3 @aws-sdk/lib-storage',
}

const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }

/**
 * A bucket of S3, or of a server that speaks its protocol. The SDK tries each request three times, with jitter; files go up in
 * parts that are held in memory, so that each of them can be sent again.
 */
export async function openS3(bucket: string): Promise<ObjectStore> {
  const sdk = await optionalPackage('@aws-sdk/client-s3', () => import('@aws-sdk/client-s3'), ADVICE)
  const load = () => import('@aws-sdk/lib-storage')
  const { Upload } = await optionalPackage('@aws-sdk/lib-storage', load, ADVICE)
  const endpoint = process.env.AWS_ENDPOINT_URL_S3 || process.env.AWS_ENDPOINT_URL
  const client = new sdk.S3Client({
    followRegionRedirects: true,
    requestHandler: { connectionTimeout: IDLE_MS, socketTimeout: IDLE_MS },
    // Checksums that only Amazon answers make other servers fail.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // It would write to the console.
    logger: SILENT,
    // Servers of one's own have no regions, but signatures name one.
    ...(endpoint && { endpoint, forcePathStyle: true, region: process.env.AWS_REGION || 'us-east-1' }),
  })
  const uri = `s3://${bucket}`
  const send = async <T>(where: string, request: () => Promise<T>): Promise<T> => {
    try {
      return await request()
    } catch (error) {
      throw failureOf(error, where)
    }
  }
  // The SDK does so only after the parts that are on their way, for which nobody waits after an abort. Parts cost, unseen.
  const discard = async (key: string, UploadId: string | undefined) => {
    if (UploadId === undefined) return
    const command = new sdk.AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId })
    await client.send(command, { abortSignal: AbortSignal.timeout(DISCARD_MS) }).catch(() => {})
  }
  return {
    uri,
    async *list(prefix, signal) {
      let token: string | undefined
      do {
        const command = new sdk.ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          ContinuationToken: token,
        })
        const page = await send(uri, () => client.send(command, abortable(signal)))
        for (const { Key, Size, ETag } of page.Contents ?? []) yield infoOf(Key!, Size, ETag)
        token = page.NextContinuationToken
      } while (token !== undefined)
    },
    async head(key, signal) {
      const command = new sdk.HeadObjectCommand({ Bucket: bucket, Key: key })
      try {
        const { ContentLength, ETag } = await client.send(command, abortable(signal))
        return infoOf(key, ContentLength, ETag)
      } catch (error) {
        const failure = failureOf(error, `${uri}/${key}`)
        if (failure instanceof PressroomError && failure.code === 'file-not-found') return undefined
        throw failure
      }
    },
    async read(key, path, signal) {
      const where = `${uri}/${key}`
      const command = new sdk.GetObjectCommand({ Bucket: bucket, Key: key })
      const open = async () => {
        const { Body, ContentLength } = await send(where, () => client.send(command, abortable(signal)))
        return { body: Body as Readable, bytes: ContentLength }
      }
      await download(open, path, where, signal)
    },
    async write(key, path, signal) {
      await stat(path).catch(error => {
        throw readFailure(error, path)
      })
      const Body = createReadStream(path)
      const upload = new Upload({ client, params: { Bucket: bucket, Key: key, Body } })
      const abort = () => upload.abort()
      signal?.throwIfAborted()
      signal?.addEventListener('abort', abort)
      try {
        await send(`${uri}/${key}`, () => upload.done())
      } catch (error) {
        if (signal?.aborted) await discard(key, upload.uploadId)
        throw error
      } finally {
        signal?.removeEventListener('abort', abort)
        Body.destroy()
      }
    },
    async delete(key, signal) {
      const command = new sdk.DeleteObjectCommand({ Bucket: bucket, Key: key })
      await send(`${uri}/${key}`, () => client.send(command, abortable(signal)))
    },
  }
}

function abortable(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { abortSignal: signal }
}

function infoOf(key: string, bytes: number | undefined, etag: string | undefined): ObjectInfo {
  return { key, bytes: bytes ?? 0, version: (etag ?? '').replaceAll('"', '') }
}

function failureOf(error: unknown, where: string): unknown {
  if (error instanceof PressroomError || !(error instanceof Error) || error.name === 'AbortError')
    return error
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
  const refusal =
    REFUSALS[error.name] ?? (error.message === 'Region is missing' ? 'no-region' : byStatus(status))
  return refused(refusal, where, systemCode(error) ?? error.name, error)
}

function byStatus(status: number | undefined): Refusal {
  if (status === 401) return 'bad-credentials'
  if (status === 403) return 'forbidden'
  if (status === 404) return 'no-object'
  return status === 301 || status === 400 ? 'elsewhere' : 'unreachable'
}
