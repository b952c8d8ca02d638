import { invalid } from './fault.ts'

type Field = (field: string, key: string | undefined) => string | number | undefined

const CONDITION =
  /^\s*([a-z_]+)(?:\.(?:`([^`]+)`|"([^"]+)"|([\w.]+)))?\s*(=|!=|>=|<=|>|<)\s*(?:'([^']*)'|"([^"]*)"|(-?\d+(?:\.\d+)?(?:e-?\d+)?))\s*(?:and\s+|$)/i

/**
 * Whether something fits a filter. As with MLflow's tokeniser there are no escapes: 'it''s' is a text and another one, and
 * finds nothing.
 */
export function fits(filter: string, keys: readonly string[], field: Field): boolean {
  let rest = filter
  while (rest.trim() !== '') {
    if (/^[^=]+=\s*'[^']*''/.test(rest)) return false
    const found = CONDITION.exec(rest)
    if (found === null) throw invalid(`Invalid clause(s) in filter string: '${rest}'`)
    const [all, name = '', quoted, double, plain, operator, text, other, number] = found
    const kind = name === 'attributes' || name === 'attribute' ? (plain ?? '') : name
    if (!keys.includes(kind)) {
      throw invalid(`Invalid attribute key '${kind}' specified. Valid keys are '${keys}'`)
    }
    const value = field(kind, quoted ?? double ?? plain)
    const wanted = number === undefined ? (text ?? other ?? '') : Number(number)
    if (value === undefined || !holds(value, operator!, wanted)) return false
    rest = rest.slice(all.length)
  }
  return true
}

function holds(value: string | number, operator: string, wanted: string | number): boolean {
  if (operator === '=') return value === wanted
  if (operator === '!=') return value !== wanted
  if (operator === '>=') return value >= wanted
  if (operator === '<=') return value <= wanted
  return operator === '>' ? value > wanted : value < wanted
}
