import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Beside the repository, where the checkout has it; nothing of it is copied into the project. */
const SHARED = resolve(import.meta.dirname, '../../../../shared')

/** One request and its answer, as the real server gave it. */
export interface Exchange {
  readonly part: string
  readonly name: string
  readonly method: string
  readonly path: string
  readonly query?: Readonly<Record<string, string | number>>
  readonly requestBody?: unknown
  readonly note?: string
  readonly status: number
  readonly contentType: string
  readonly responseBody: unknown
}

/** The recordings of a real back end and cluster, or undefined where they are not. */
export function recorded<T>(file: string): T | undefined {
  const path = join(SHARED, file)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined
}
