import { counted } from '../counted.ts'
import { PressroomError } from '../errors.ts'

/** A row that breaks the schema, and why. */
export interface BadRow {
  /** Its first line in the file, counted from 1. */
  readonly line: number
  readonly problem: string
}

/** Bad rows: the first `limit` of them by line, and how many there are in all. */
export class BadRows {
  #count = 0
  #first: BadRow[] = []
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  get count(): number {
    return this.#count
  }

  add(line: number, problem: string): void {
    this.#count++
    this.#first.push({ line, problem })
    if (this.#first.length > 2 * this.#limit) this.#first = this.reported
  }

  get reported(): BadRow[] {
    return this.#first.toSorted((a, b) => a.line - b.line).slice(0, this.#limit)
  }
}

/** The bad rows as lines for a person; the last one counts those not named. */
export function listBadRows(bad: { readonly count: number; readonly reported: readonly BadRow[] }): string[] {
  const lines = bad.reported.map(({ line, problem }) => `line ${line}: ${problem}`)
  const more = bad.count - bad.reported.length
  return more === 0 ? lines : [...lines, `and ${more.toLocaleString('en')} more`]
}

/** The error that names them. */
export function badRowsError(path: string, rows: number, bad: BadRows): PressroomError {
  const all = counted(rows, 'row')
  const what = `${bad.count.toLocaleString('en')} of ${all} of ${path} break${bad.count === 1 ? 's' : ''} the schema`
  return new PressroomError('invalid-rows', what, {
    where: listBadRows(bad).join('\n  '),
    fix: 'correct them, or leave them out with --bad-rows skip',
  })
}
