import { formatCount } from './numbers.ts'
import { shorten } from './shorten.ts'

/** At most so many are read. */
const MOST = 20
const LONGEST = 40

/** Names as a person reads them in an error: `a, b, c`; of many the first, of long ones the beginning. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST).map(name => shorten(name, LONGEST))
  return shown.join(', ') + (names.length > MOST ? `, and ${formatCount(names.length - MOST)} more` : '')
}
