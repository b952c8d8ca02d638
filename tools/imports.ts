import { globSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'

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
export interface Violation {
  readonly file: string
  readonly imports: string
}

/** Every import between rooms that {@link MAY_IMPORT} does not allow, in all the rooms' sources under `root`. */
export function findViolations(root: string): Violation[] {
  const rooms = Object.keys(MAY_IMPORT)
  const files = globSync(
    rooms.map(room => `${room}/**/*.ts`),
    { cwd: root },
  )
  return files.flatMap(file => violationsIn(file, readFileSync(join(root, file), 'utf8')))
}

/** The violations in one file's text; `file` is its path from the root. */
export function violationsIn(file: string, source: string): Violation[] {
  const [room = ''] = file.split('/')
  const allowed = [room, ...(MAY_IMPORT[room] ?? [])]
  const specifiers = [...source.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)['"](\.[^'"]*)['"]/g)].map(
    match => match[1] ?? '',
  )
  return specifiers
    .map(specifier => normalize(join(file, '..', specifier)))
    .filter(target => !allowed.includes(target.split('/')[0] ?? ''))
    .map(target => ({ file, imports: target }))
}
