/** A share the way a paper prints it: `.861`, `1`, `0`, `-.02`. At most `digits` decimals, no zeros at the end. */
export function formatShare(value: number, digits = 3): string {
  const [whole, decimals] = value.toFixed(digits).split('.')
  const rest = decimals?.replace(/0+$/, '') ?? ''
  if (rest === '') return Number(whole) === 0 ? '0' : whole!
  return `${whole!.replace(/^(-?)0$/, '$1')}.${rest}`
}

/** A share beside others of its kind: always `digits` decimals, `.920`, so that a column of them is even. */
export function formatFixedShare(value: number, digits = 3): string {
  return value.toFixed(digits).replace(/^(-?)0\./, '$1.')
}

// Made when the first is wanted: it takes six megabytes, and what reads rows loads this file for the sake of its errors.
let thousands: Intl.NumberFormat | undefined

/** A count with its thousands apart: `8,113`. */
export function formatCount(value: number): string {
  thousands ??= new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
  return thousands.format(value)
}
