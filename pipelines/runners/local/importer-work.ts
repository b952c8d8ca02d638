import { stat, utimes } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Json } from '../../../components/definition/index.ts'
import { PressroomError } from '../../../core/errors.ts'
import { readFailure } from '../../../core/storage/failures.ts'
import { isRemote, openRemote } from '../../../core/storage/remote.ts'
import type { ExecutorSpec } from '../../specification.ts'
import type { CacheEntry } from './cache.ts'
import type { TaskCall } from './dag.ts'
import { fillConstant, textOf } from './expressions.ts'
import { collect } from './task-files.ts'
import type { Work } from './work.ts'

type Importer = NonNullable<ExecutorSpec['importer']>

/**
 * Takes a file or folder that is already there for an artifact, in its place: nothing is copied. What lies in a bucket is brought
 * below the home once for each version of it.
 */
export class ImporterWork implements Work {
  readonly by = 'importer'
  readonly artifacts: Work['artifacts']
  readonly #importer: Importer
  readonly #call: TaskCall
  readonly #home: string
  /** Of what was brought from a bucket. */
  #place: string | undefined

  constructor(importer: Importer, call: TaskCall, home: string) {
    const names = Object.keys(call.component.outputDefinitions?.artifacts ?? {})
    this.artifacts = Object.fromEntries(names.map(name => [name, importer.typeSchema]))
    this.#importer = importer
    this.#call = call
    this.#home = home
  }

  /** @throws PressroomError `invalid-parameter` for a place that this machine cannot take from */
  locate(): string {
    if (this.#place !== undefined) return pathToFileURL(this.#place).href
    const uri = this.#uri()
    return uri.startsWith('file:') ? uri : pathToFileURL(resolve(uri)).href
  }

  #uri(): string {
    const { artifactUri } = this.#importer
    const uri =
      'constant' in artifactUri
        ? artifactUri.constant
        : textOf(this.#call.inputs.parameters[artifactUri.runtimeParameter] ?? '')
    const fault = faultOfUri(uri)
    if (fault !== undefined) throw new PressroomError('invalid-parameter', fault)
    return uri
  }

  /** There is nothing to keep: the artifact stays where it is. */
  async key(): Promise<undefined> {}

  async run(stop: AbortSignal): Promise<CacheEntry> {
    const uri = this.#uri()
    if (isRemote(uri)) {
      const remote = await openRemote(uri, stop)
      this.#place = await remote.fetch(join(resolve(this.#home), 'imports'), stop)
      // Pruning goes by the last use.
      await utimes(dirname(this.#place), new Date(), new Date()).catch(() => {})
    }
    const path = fileURLToPath(this.locate())
    await stat(path).catch(error => {
      throw readFailure(error, path)
    })
    const { parameters } = this.#call.inputs
    const metadata = Object.entries(this.#importer.metadata ?? {}).map(([key, value]) => {
      return [textOf(fillConstant(key, parameters)), fillConstant(value, parameters)] as const
    })
    const filled: Record<string, Json> = Object.fromEntries(metadata)
    return collect(this, () => filled, {}, isRemote(uri) ? uri : path)
  }
}

/** Why a URI cannot be imported on this machine, or undefined. */
export function faultOfUri(uri: string): string | undefined {
  if (uri === '') return 'it imports from nowhere: its URI is empty'
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(uri)?.[1]?.toLowerCase()
  if (scheme === undefined) return undefined
  if (isRemote(uri)) return undefined
  if (scheme !== 'file') return `it imports ${uri}: only files, gs:// and s3:// addresses can be brought here`
  if (!/^file:(\/\/(localhost)?)?\/[^/]/i.test(uri)) return `it imports ${uri}, which is on another machine`
  try {
    fileURLToPath(uri)
    return undefined
  } catch {
    return `it imports ${uri}, which is no path`
  }
}
