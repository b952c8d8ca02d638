import { extname, join } from 'node:path'

/** The root of what is installed: the checkout, or the published package. */
const ROOT = join(import.meta.dirname, '..')

/** A file that ships with Pressroom, by its path from the root. */
export function packageFile(path: string): string {
  return join(ROOT, path)
}

/** A module that ships, by its path without ending: TypeScript in a checkout, JavaScript when published. */
export function packageModule(path: string): string {
  return join(ROOT, path + extname(import.meta.url))
}
