import { type FSWatcher, watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Milliseconds: an editor that saves writes more than once. */
const QUIET = 100

/** What a definition may read beside modules: a component that it loads, say. */
const SOURCE = /\.(?:[mc]?[jt]s|json|ya?ml)$/

/**
 * Resolves when something changed in the folders of these files, and nothing more for a moment. Folders are watched and
 * not the files: most editors put a new file in the old one's place.
 * @param folders to be watched besides, where a module may be added
 * @param made files whose changes are our own doing
 * @param since milliseconds since 1970: a module that changed after this, while it was compiled say, counts at once
 * @param gone whether a missing module is known already
 * @throws the signal's reason
 */
export async function watchModules(
  modules: ReadonlySet<string>,
  folders: readonly string[],
  made: ReadonlySet<string>,
  since: number,
  gone: boolean,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // It may be rejected before anybody waits for it, which Node would take for a fault.
  promise.catch(() => {})
  let timer: NodeJS.Timeout | undefined
  const onChange = (folder: string, name: string | null) => {
    if (name !== null && (!SOURCE.test(name) || made.has(join(folder, name)))) return
    clearTimeout(timer)
    timer = setTimeout(resolve, QUIET)
  }
  const watchers: FSWatcher[] = []
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    for (const folder of new Set([...folders, ...[...modules].map(path => dirname(path))])) {
      const watcher = watch(folder, (_, name) => onChange(folder, name))
      watcher.on('error', resolve)
      watchers.push(watcher)
    }
    const times = await Promise.all(
      [...modules].map(file =>
        stat(file).then(
          ({ mtimeMs }) => mtimeMs,
          // Gone since it was loaded, unless that is what the last round found.
          () => (gone ? 0 : Number.POSITIVE_INFINITY),
        ),
      ),
    )
    if (times.some(time => time > since)) timer = setTimeout(resolve, QUIET)
    await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
    for (const watcher of watchers) watcher.close()
  }
}
