import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { answering, type Listening, listening } from './listening.ts'

/** What goes wrong next, for tests of what clients make of it. */
export interface StorageFaults {
  /** Statuses that the next requests are answered with, one each. */
  statuses: number[]
  /** Bodies that are cut in the middle, the next so many. */
  cut: number
  /** Methods of which it takes requests and answers none. */
  silent: readonly string[]
}

export interface StorageServer extends Listening {
  readonly objects: Map<string, Buffer>
  readonly faults: StorageFaults
  /** Requests by method, with the path. */
  readonly requests: string[]
}

/** Small pages, so that every listing of a test has several. */
const PAGE = 3

/**
 * The part of S3 that Pressroom asks for, path style, with one bucket `models`: ListObjectsV2, HeadObject, GetObject, PutObject,
 * DeleteObject, uploads in parts, and their errors (docs.aws.amazon.com/AmazonS3/latest/API). Signatures are not checked, but must be there.
 */
export async function s3Server(): Promise<StorageServer> {
  const uploads = new Map<string, Map<number, Buffer>>()
  return storageServer(async ({ request, response, url, objects, faults, requests, body }) => {
    const [, bucket = '', ...rest] = url.pathname.split('/').map(decodeURIComponent)
    const key = rest.join('/')
    const error = (status: number, code: string) => {
      const text = request.method === 'HEAD' ? '' : `<Error><Code>${code}</Code><Message>no</Message></Error>`
      response.writeHead(status, { 'content-type': 'application/xml' }).end(text)
    }
    const status = faults.statuses.shift()
    if (status !== undefined)
      return error(status, status === 503 ? 'SlowDown' : status === 403 ? 'AccessDenied' : 'InternalError')
    if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ')) return error(403, 'AccessDenied')
    if (bucket !== 'models') return error(404, 'NoSuchBucket')
    if (key === '') return listPage(url, objects, response)
    const uploadId = url.searchParams.get('uploadId')
    const xml = (text: string) => {
      response.writeHead(200, { 'content-type': 'application/xml' }).end(text)
    }
    if (url.searchParams.has('uploads')) {
      const id = `upload-${requests.length}`
      uploads.set(id, new Map())
      return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`)
    }
    const parts = uploads.get(uploadId ?? '')
    if (uploadId !== null && parts === undefined) return error(404, 'NoSuchUpload')
    if (uploadId !== null && parts !== undefined) {
      if (request.method === 'PUT') {
        const part = await body()
        parts.set(Number(url.searchParams.get('partNumber')), part)
        return void response.writeHead(200, { etag: etagOf(part) }).end()
      }
      uploads.delete(uploadId)
      if (request.method === 'DELETE') return void response.writeHead(204).end()
      await body()
      const sorted = [...parts].sort(([a], [b]) => a - b).map(([, part]) => part)
      objects.set(key, Buffer.concat(sorted))
      return xml(
        `<CompleteMultipartUploadResult><ETag>${escaped(etagOf(objects.get(key)!))}</ETag></CompleteMultipartUploadResult>`,
      )
    }
    const found = objects.get(key)
    switch (request.method) {
      case 'PUT': {
        objects.set(key, await body())
        return void response.writeHead(200, { etag: etagOf(objects.get(key)!) }).end()
      }
      case 'DELETE':
        objects.delete(key)
        return void response.writeHead(204).end()
      default:
        if (found === undefined) return error(404, 'NoSuchKey')
        return send(response, found, request.method === 'HEAD', { etag: etagOf(found) }, faults)
    }
  })
}

function listPage(url: URL, objects: ReadonlyMap<string, Buffer>, response: ServerResponse): void {
  const prefix = url.searchParams.get('prefix') ?? ''
  const after = url.searchParams.get('continuation-token') ?? ''
  const keys = [...objects.keys()].filter(key => key.startsWith(prefix) && key > after).sort()
  const page = keys.slice(0, PAGE)
  const contents = page.map(key => {
    const bytes = objects.get(key)!
    return `<Contents><Key>${escaped(key)}</Key><Size>${bytes.length}</Size><ETag>${escaped(etagOf(bytes))}</ETag></Contents>`
  })
  const next =
    keys.length > PAGE ? `<NextContinuationToken>${escaped(page.at(-1)!)}</NextContinuationToken>` : ''
  response
    .writeHead(200, { 'content-type': 'application/xml' })
    .end(
      `<?xml version="1.0"?><ListBucketResult>${contents.join('')}<IsTruncated>${next !== ''}</IsTruncated>${next}</ListBucketResult>`,
    )
}

function etagOf(bytes: Buffer): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  readonly objects: Map<string, Buffer>
  readonly faults: StorageFaults
  readonly requests: readonly string[]
  readonly body: () => Promise<Buffer>
}

/** A server on loopback that keeps objects in memory. */
export async function storageServer(
  answer: (exchange: Exchange) => Promise<void> | void,
): Promise<StorageServer> {
  const objects = new Map<string, Buffer>()
  const faults: StorageFaults = { statuses: [], cut: 0, silent: [] }
  const requests: string[] = []
  const server = answering(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    requests.push(`${request.method} ${url.pathname}`)
    if (faults.silent.includes(request.method ?? '')) return
    await answer({ request, response, url, objects, faults, requests, body: () => buffer(request) })
  })
  return {
    ...(await listening(server)),
    objects,
    faults,
    requests,
  }
}

/** Answers with bytes, or with half of them and a closed connection. */
export function send(
  response: ServerResponse,
  bytes: Buffer,
  headOnly: boolean,
  headers: Readonly<Record<string, string>>,
  faults: StorageFaults,
): void {
  response.writeHead(200, { 'content-length': bytes.length, ...headers })
  if (headOnly) response.end()
  else if (faults.cut > 0 && bytes.length > 1) {
    faults.cut -= 1
    response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy())
  } else response.end(bytes)
}
