import { PressroomError } from '../errors.ts'

/**
 * Gives numbered labels their names. Numbers count from 0 when a 0 occurs, from 1 when the number of names occurs; what shows
 * neither could be either and is refused. A label that already is one of the names stays.
 * @returns the name of a label, or why it has none.
 * @throws PressroomError `invalid-setting` when the names are not distinct, or fit the numbers both ways.
 */
export function labelNamer(
  labels: Iterable<string>,
  names: readonly string[],
): (label: string) => { readonly name: string } | { readonly problem: string } {
  if (names.length === 0 || names.some(name => name === '') || new Set(names).size < names.length) {
    throw new PressroomError(
      'invalid-setting',
      `labelNames must be distinct names: ${JSON.stringify(names)}`,
      {
        fix: 'give one name for each number, in their order',
      },
    )
  }
  const numbers = new Set([...labels].filter(isWhole).map(Number))
  const base = numbers.has(0) ? 0 : 1
  if (numbers.size > 0 && !numbers.has(0) && !numbers.has(names.length)) {
    const found = [...numbers].sort((a, b) => a - b).join(', ')
    throw new PressroomError('invalid-setting', `cannot tell whether labels count from 0 or from 1`, {
      where: `the labels ${found} fit the ${names.length} names both ways`,
      fix: 'give as many names as there are labels, or write the names into the rows',
    })
  }
  return label => {
    if (!isWhole(label)) {
      return names.includes(label)
        ? { name: label }
        : { problem: `label "${label}" is neither a number nor one of the label names` }
    }
    const name = names[Number(label) - base]
    if (name !== undefined) return { name }
    return {
      problem: `label ${label} has no name; the names are numbered ${base} to ${names.length - 1 + base}`,
    }
  }
}

/** A line for each group of labels that only case or white space tells apart, as a slip of the pen would: `"Sport"`, `"sport"`. */
export function similarLabels(labels: Iterable<string>): string[] {
  const key = (label: string) =>
    label
      .normalize('NFKC')
      .toLowerCase()
      .replaceAll(/[\s_-]+/g, ' ')
      .trim()
  return [...Map.groupBy(new Set(labels), key).values()]
    .filter(group => group.length > 1)
    .map(group => {
      const named = group.map(label => JSON.stringify(label)).join(', ')
      return `labels that only case or space tells apart, each a class of its own: ${named}`
    })
}

function isWhole(label: string): boolean {
  return /^\d+$/.test(label)
}
