import { readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { PressroomError } from '../../../core/errors.ts'
import { eachOf } from '../../../core/storage/object-folders.ts'
import { openBucket, parseAddress } from '../../../core/storage/objects.ts'
import type { VersionSource } from '../target.ts'

/**
 * Where Google Cloud finds a version's files: where the registry keeps them, when that is Cloud Storage, else a copy below
 * `staging`. A copy lies under the version's digest, so that making it again finds what is there.
 * @param staging `gs://bucket/prefix`
 * @returns `gs://…`, without a slash at its end
 * @throws PressroomError `invalid-setting` when a copy is needed and there is no place for it; those of core/storage
 */
export async function inCloudStorage(
  source: VersionSource,
  staging: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (source.uri.startsWith('gs://')) return source.uri.replace(/\/+$/, '')
  const address = staging === undefined ? undefined : parseAddress(staging)
  if (address?.scheme !== 'gs') {
    throw new PressroomError('invalid-setting', 'the version’s files are not in Cloud Storage', {
      where: `they are at ${source.uri}`,
      fix: 'set stagingUri to gs://BUCKET/PREFIX, a place that they can be copied to',
    })
  }
  const folder = await source.files()
  const store = await openBucket(address)
  const prefix = [address.key.replace(/\/+$/, ''), source.digest.replace(':', '-')].filter(Boolean).join('/')
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
  await eachOf(paths, path =>
    store.write(`${prefix}/${path.replaceAll(sep, '/')}`, join(folder, path), signal),
  )
  return `${store.uri}/${prefix}`
}
