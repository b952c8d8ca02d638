import { CRC32C } from '@google-cloud/storage'
import { type StorageServer, send, storageServer } from './s3-server.ts'

const PAGE = 3

/**
 * The part of Google Cloud Storage's JSON API v1 that its client asks for here, with one bucket `models`: objects list, get, get with
 * alt=media, delete, and both uploads, multipart and resumable (cloud.google.com/storage/docs/json_api/v1).
 */
export async function gcsServer(): Promise<StorageServer> {
  const uploads = new Map<string, string>()
  const generations = new Map<string, number>()
  let counter = 1_700_000_000_000_000
  return storageServer(async ({ request, response, url, objects, faults, body }) => {
    const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}) => {
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(value))
    }
    const error = (code: number, message: string) => {
      json(code, { error: { code, message, errors: [{ message, domain: 'global', reason: 'x' }] } })
    }
    const infoOf = (name: string) => ({
      kind: 'storage#object',
      bucket: 'models',
      name,
      size: String(objects.get(name)!.length),
      generation: String(generations.get(name)),
      crc32c: checksum(objects.get(name)!),
    })
    const put = (name: string, bytes: Buffer) => {
      objects.set(name, bytes)
      generations.set(name, counter++)
      json(200, infoOf(name))
    }
    const status = faults.statuses.shift()
    if (status !== undefined) return error(status, 'no')
    const parts = url.pathname.split('/').map(decodeURIComponent)
    const at = parts.indexOf('b')
    const [bucket, , ...rest] = parts.slice(at + 1)
    if (bucket !== 'models') return error(404, 'The specified bucket does not exist.')
    const name = rest.join('/')
    if (parts[1] === 'upload') {
      if (url.searchParams.get('uploadType') === 'multipart')
        return put(url.searchParams.get('name')!, partOf(await body()))
      if (request.method === 'POST') {
        const id = String(uploads.size)
        uploads.set(id, url.searchParams.get('name')!)
        await body()
        const location = new URL(
          `http://${request.headers.host}${url.pathname}?uploadType=resumable&upload_id=${id}`,
        )
        return json(200, {}, { location: location.href })
      }
      return put(uploads.get(url.searchParams.get('upload_id')!)!, await body())
    }
    if (name === '') {
      const prefix = url.searchParams.get('prefix') ?? ''
      const after = url.searchParams.get('pageToken') ?? ''
      const names = [...objects.keys()].filter(each => each.startsWith(prefix) && each > after).sort()
      const page = names.slice(0, PAGE)
      const more = names.length > PAGE ? { nextPageToken: page.at(-1) } : {}
      return json(200, { kind: 'storage#objects', items: page.map(infoOf), ...more })
    }
    const bytes = objects.get(name)
    if (bytes === undefined) return error(404, `No such object: models/${name}`)
    if (request.method === 'DELETE') {
      objects.delete(name)
      return void response.writeHead(204).end()
    }
    if (url.searchParams.get('alt') === 'media') return send(response, bytes, false, {}, faults)
    return json(200, infoOf(name))
  })
}

/** What the client compares its own with after an upload, and removes the object when they differ. */
function checksum(bytes: Buffer): string {
  const crc = new CRC32C()
  crc.update(bytes)
  return crc.toString()
}

/** The second part of a multipart/related body: the content after the metadata. */
function partOf(body: Buffer): Buffer {
  const boundary = body.subarray(0, body.indexOf('\r\n'))
  const second = body.indexOf(boundary, boundary.length)
  const start = body.indexOf('\r\n\r\n', second) + 4
  return body.subarray(start, body.lastIndexOf(boundary) - 2)
}
