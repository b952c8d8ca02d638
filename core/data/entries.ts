/** The values of a record by key: a JSONL object's by name, a CSV or TSV record's by position. */
export type Values = Readonly<Record<string, unknown>> | readonly string[]

/** A record of a file, or why it could not be read, in a few words. `line` is its first one, counted from 1. */
export type Entry =
  | { readonly line: number; readonly values: Values }
  | { readonly line: number; readonly problem: string }
