import type { ErrorCode } from '../../core/errors.ts'
import type { Target } from '../../pipelines/compiler/index.ts'

/** What a definition is made into. */
export type Format = 'yaml' | 'json' | 'svg' | 'mermaid'

/** What the worker is started with. */
export interface Job {
  /** An absolute path. */
  readonly file: string
  readonly format: Format
  readonly target?: Target
}

/** The worker's one message. */
export interface Answer {
  readonly outcome: Outcome
  /** The modules that the definition loaded, itself included, as absolute paths; those of packages aside. */
  readonly modules: readonly string[]
}

/** An error travels as its parts: a copy made by the structured clone algorithm loses its class. */
export type Outcome =
  | { readonly type: 'compiled'; readonly text: string; readonly warnings: readonly string[] }
  | { readonly type: 'no-pipeline' }
  /** An await at the module's top level will never end. */
  | { readonly type: 'unsettled' }
  | {
      readonly type: 'refused'
      readonly code: ErrorCode
      readonly what: string
      readonly where: string | undefined
      readonly fix: string | undefined
    }
  | { readonly type: 'threw'; readonly reason: string; readonly stack: string | undefined }
