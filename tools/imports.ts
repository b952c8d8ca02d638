import { globSync, readFileSync } from 'node:fs'
import { join, posix, sep } from 'node:path'

/**
 * Which rooms each room may import, beside itself. Rooms that are not listed stand on top and may use every one.
 * docs/architecture.md draws the same picture.
 */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  components: ['core'],
  pipelines: ['components', 'core'],
  serving: ['core'],
  webhook: ['core'],
}

/** An import that runs upward or sideways. */
interface Violation {
  readonly file: string
  readonly imports: string
}

/** Every import between rooms that {@link MAY_IMPORT} does not allow, in all the rooms' sources under `root`. */
export function findViolations(root: string): Violation[] {
  const files = globSync(`{${Object.keys(MAY_IMPORT).join()}}/**/*.ts`, { cwd: root })
  return files.flatMap(file => {
    return violationsIn(file.replaceAll(sep, '/'), readFileSync(join(root, file), 'utf8'))
  })
}

// An import of the package by its own name enters a room as well as a relative one does.
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)['"](?:pressroom-ml\/([^'"]*)|(\.[^'"]*))['"]/g

/** The violations in one file's text; `file` is its path from the root, with slashes. */
export function violationsIn(file: string, source: string): Violation[] {
  const [room = ''] = file.split('/')
  const allowed = [room, ...(MAY_IMPORT[room] ?? [])]
  return [...source.matchAll(IMPORT)]
    .map(([, own, relative = '']) => own ?? posix.join(file, '..', relative))
    .filter(target => !allowed.includes(target.split('/')[0] ?? ''))
    .map(imports => ({ file, imports }))
}
