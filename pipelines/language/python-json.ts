import type { Json } from '../../components/definition/index.ts'

/**
 * JSON as Python's `json.dumps` writes it: a space after commas and colons, letters beyond ASCII escaped. Some text of a
 * compiled file is JSON inside, and that of the Python SDK is compared as text.
 * @param options `sorted` keys, and `doubles`: whole numbers with `.0`
 */
export function pythonJson(
  value: Json,
  options: { readonly sorted?: boolean; readonly doubles?: boolean } = {},
): string {
  if (typeof value === 'string') {
    return JSON.stringify(value).replace(/[\u007f-\uffff]/g, letter => {
      return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`
    })
  }
  if (typeof value === 'number') return pythonNumber(value, options.doubles ?? false)
  if (Array.isArray(value)) return `[${value.map(item => pythonJson(item, options)).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = Object.entries(value as Readonly<Record<string, Json>>)
  if (options.sorted) entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${pythonJson(key)}: ${pythonJson(item, options)}`).join(', ')}}`
}

/** Python changes to an exponent at 1e16 and below 1e-4, and writes it with two digits at least. */
function pythonNumber(value: number, double: boolean): string {
  if (Number.isSafeInteger(value) && !double) return String(value)
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e')
  const power = Number(exponent)
  if (value !== 0 && (power >= 16 || power < -4)) {
    return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
  }
  return Number.isInteger(value) ? `${value}.0` : String(value)
}
