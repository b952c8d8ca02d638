import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { packageFile } from '../package-file.ts'

/** Why a definition needs a thread of its own; thrown while its modules are gathered, before any of them runs. */
export class NotPlain extends Error {
  override readonly name = 'NotPlain'
}

/** What a module needs to leave something behind that runs later, to print, to end the process, or to find another way to. */
const WAYS = [
  String.raw`\b(?:async|await|Promise|process|console|global|globalThis|eval|Function|require|fetch)\b`,
  String.raw`\b(?:setTimeout|setInterval|setImmediate|queueMicrotask|addEventListener|Atomics|WebAssembly)\b`,
  String.raw`\b(?:WebSocket|EventSource|MessageChannel|BroadcastChannel|FinalizationRegistry)\b`,
  String.raw`\.(?:then|catch|finally|constructor)\b`,
  String.raw`\bimport\s*\(`,
]
const ACTING = new RegExp(WAYS.join('|'))

/** What of Node's a module may import and stay plain. */
const PASSIVE = new Set(['node:path', 'node:url'])

/** The rooms that a definition imports from. What they do is known. */
const OURS = ['components', 'core', 'pipelines'].map(room => pathToFileURL(packageFile(`${room}/`)).href)

/**
 * While this is held, loading a module fails unless it is plain: its own text and that of everything it imports, packages
 * being taken for not plain unread.
 * @throws NotPlain (whoever loads)
 */
export function onlyPlainModules(): Disposable {
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context)
      if (!isOurs(context.parentURL) && !mayBePlain(resolved.url)) throw new NotPlain(resolved.url)
      return resolved
    },
    load(url, context, next) {
      const loaded = next(url, context)
      if (!isOurs(url) && !PASSIVE.has(url) && mayAct(loaded.source)) throw new NotPlain(url)
      return loaded
    },
  })
  return { [Symbol.dispose]: () => hooks.deregister() }
}

function mayBePlain(url: string): boolean {
  return isOurs(url) || PASSIVE.has(url) || (url.startsWith('file:') && !url.includes('/node_modules/'))
}

function isOurs(url: string | undefined): boolean {
  return url !== undefined && OURS.some(room => url.startsWith(room))
}

/** What has no text, an addon say, may do anything. */
function mayAct(source: unknown): boolean {
  if (typeof source === 'string') return isActing(source)
  if (source instanceof Uint8Array)
    return isActing(Buffer.from(source.buffer, source.byteOffset, source.length).toString())
  return true
}

/**
 * Whether a module's text names a way to do more than to describe. Comments and texts count too: taken for acting without need, a
 * definition compiles later and not otherwise.
 */
export function isActing(source: string): boolean {
  return ACTING.test(source)
}
