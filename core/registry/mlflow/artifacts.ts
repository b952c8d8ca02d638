import { aBoolean, aCount, aString, listOf, maybe, objectWith } from '../../decode.ts'
import { PressroomError } from '../../errors.ts'
import { download } from '../../storage/copy-body.ts'
import { openBucket, parseAddress } from '../../storage/objects.ts'
import { isOk, readJson, refusal } from './answer.ts'
import type { Transport } from './transport.ts'

/** The files at one place where MLflow keeps some: by paths relative to it, `/` between parts. */
export interface ArtifactFolder {
  readonly uri: string
  /** Every file below it; what is listed may be wrong and hostile. */
  list(): AsyncIterable<{ readonly path: string; readonly bytes: number }>
  read(path: string, bytes: number, to: string): Promise<void>
  write(path: string, from: string): Promise<void>
}

const PROXY = '/api/2.0/mlflow-artifacts/artifacts'

/** Deeper and wider than any model; listings without end are found out by them. */
const DEEPEST = 16
const MOST_FOLDERS = 1000

const aListing = objectWith({
  files: maybe(listOf(objectWith({ path: aString, is_dir: maybe(aBoolean), file_size: maybe(aCount) }))),
})

/**
 * Opens the place that a URI names: `mlflow-artifacts:` through the server's proxy, `gs:` and `s3:` directly.
 * @throws PressroomError `invalid-setting` for a place that cannot be reached from here; `package-missing`
 */
export async function openArtifacts(transport: Transport, uri: string): Promise<ArtifactFolder> {
  const root = proxyPath(uri, transport.endpoint)
  if (root !== undefined) return proxied(transport, uri, root)
  const address = parseAddress(uri)
  if (address !== undefined) {
    const store = await openBucket(address)
    const prefix = address.key === '' ? '' : `${address.key.replace(/\/+$/, '')}/`
    return {
      uri,
      async *list() {
        for await (const { key, bytes } of store.list(prefix, transport.signal)) {
          // A name that ends in a slash is how consoles show an empty folder.
          if (!key.endsWith('/')) yield { path: key.slice(prefix.length), bytes }
        }
      },
      read: (path, _, to) => store.read(prefix + path, to, transport.signal),
      write: (path, from) => store.write(prefix + path, from, transport.signal),
    }
  }
  const [scheme = uri] = uri.split(':', 1)
  throw new PressroomError(
    'invalid-setting',
    `the artifacts of ${transport.endpoint} cannot be reached from here`,
    {
      where: uri.includes(':')
        ? `they are at ${scheme}:`
        : 'they are in a folder of the server’s own machine',
      fix: 'start MLflow with --serve-artifacts, or with artifacts in gs:// or s3:// (docs/mlflow.md)',
    },
  )
}

/**
 * The path below the proxy of a `mlflow-artifacts:` URI; undefined for another kind. One with a host names a server, which
 * must be this one: it is sent what this one is signed in with.
 */
function proxyPath(uri: string, endpoint: string): string | undefined {
  const [, host, path] = /^mlflow-artifacts:(?:\/\/([^/]*))?\/?(.*)$/s.exec(uri) ?? []
  if (path === undefined) return undefined
  if (host && host !== new URL(endpoint).host) {
    throw new PressroomError('invalid-setting', `the artifacts are at ${host}, not at ${endpoint}`, {
      fix: 'use the server at that address as the registry',
    })
  }
  return path.replace(/\/+$/, '')
}

function proxied(transport: Transport, uri: string, root: string): ArtifactFolder {
  const pathOf = (path: string) =>
    `${PROXY}/${`${root}/${path}`.split('/').map(encodeURIComponent).join('/')}`
  async function* below(
    folder: string,
    depth: number,
    seen: { folders: number },
  ): ReturnType<ArtifactFolder['list']> {
    seen.folders += 1
    if (depth > DEEPEST || seen.folders > MOST_FOLDERS) throw endless(uri)
    const query = { path: folder === '' ? root : `${root}/${folder}` }
    const answer = await transport.request({ method: 'GET', path: PROXY, query, safety: 'repeat' })
    for (const { path: name, is_dir, file_size } of readJson(answer, aListing).files ?? []) {
      const path = folder === '' ? name : `${folder}/${name}`
      // Followed only as a plain name: anything else would lead the listing elsewhere, and is refused by whoever reads it.
      const plain = name !== '' && name !== '.' && name !== '..' && !/[/\\]/.test(name)
      if (is_dir === true && plain) yield* below(path, depth + 1, seen)
      else yield { path, bytes: file_size ?? 0 }
    }
  }
  return {
    uri,
    list: () => below('', 0, { folders: 0 }),
    async read(path, bytes, to) {
      await download(() => transport.open(pathOf(path), bytes), to, `${uri}/${path}`, transport.signal)
    },
    async write(path, file) {
      const answer = await transport.request({ method: 'PUT', path: pathOf(path), file, safety: 'repeat' })
      if (!isOk(answer)) throw refusal(answer)
    },
  }
}

function endless(uri: string): PressroomError {
  return new PressroomError('model-damaged', `there are too many folders at ${uri}`, {
    where: `at most ${MOST_FOLDERS}, at most ${DEEPEST} deep`,
    fix: 'that is no model; register it again',
  })
}
