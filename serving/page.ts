import { readFile } from 'node:fs/promises'

/** A file of the page, held in memory. */
export interface Asset {
  readonly type: string
  readonly body: Buffer
}

/** What the page may do: its own style, script, icon and requests to its own service; nothing inline, nothing framed. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const FILES = [
  ['/', 'index.html', 'text/html; charset=utf-8'],
  ['/page.css', 'page.css', 'text/css; charset=utf-8'],
  ['/page.js', 'page.js', 'text/javascript; charset=utf-8'],
  ['/icon.svg', 'icon.svg', 'image/svg+xml'],
] as const

/** The page's files by their paths. */
export async function readPage(): Promise<ReadonlyMap<string, Asset>> {
  const assets = FILES.map(async ([path, file, type]) => {
    const body = await readFile(new URL(`./page/${file}`, import.meta.url))
    return [path, { type, body }] as const
  })
  return new Map(await Promise.all(assets))
}
