import { absent, invalid } from './fault.ts'
import type { Store } from './store.ts'

/** The artifact proxy: bytes by path. `undefined` where the answer has no body. */
export function proxied(
  store: Store,
  method: string,
  path: string,
  query: URLSearchParams,
  body: Buffer,
): Buffer | object | undefined {
  if (method === 'GET' && path === '') return listing(store, query.get('path') ?? '')
  if (path.includes('#') || path.split('/').includes('..')) throw invalid('Invalid path')
  if (method === 'PUT') {
    store.artifacts.set(path, body)
    return undefined
  }
  if (method === 'DELETE') {
    store.artifacts.delete(path)
    return {}
  }
  const found = store.artifacts.get(path)
  if (found === undefined) throw absent(`No such artifact: '${path}'`)
  return found
}

/** One level, names relative to it; a folder that is not there is empty. */
function listing(store: Store, folder: string): object {
  const files = new Map<string, object>()
  for (const [path, { length }] of store.artifacts) {
    if (!path.startsWith(`${folder}/`)) continue
    const [name = '', ...below] = path.slice(folder.length + 1).split('/')
    const file = { path: name, is_dir: false, file_size: length }
    files.set(name, below.length === 0 ? file : { path: name, is_dir: true })
  }
  return files.size === 0 ? {} : { files: [...files.values()] }
}
