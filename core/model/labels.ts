import type { Row } from '../data/index.ts'
import { PressroomError } from '../errors.ts'
import { listed } from '../report/listed.ts'

/**
 * The class of each row as an index into `labels`.
 * @throws PressroomError `invalid-rows` when a row has another label; `which` names the rows: `test`.
 */
export function indexLabels(rows: readonly Row[], labels: readonly string[], which: string): Int32Array {
  const indices = new Map(labels.map((label, i) => [label, i]))
  return Int32Array.from(rows, ({ label }) => {
    const index = indices.get(label)
    if (index !== undefined) return index
    throw new PressroomError('invalid-rows', `a ${which} row has the label ${JSON.stringify(label)}`, {
      where: `the model knows: ${listed(labels)}`,
      fix: 'correct the label, or train on rows that have it',
    })
  })
}

/**
 * Rows by the classes' given names, where they are labelled by the model's own throughout: those who import a model with names
 * have rows from before there were any.
 * @param own the model's own names in the order of `labels`; undefined where it has none for a class
 */
export function renameRows(
  rows: readonly Row[],
  own: readonly (string | undefined)[],
  labels: readonly string[],
): readonly Row[] {
  if (rows.every(({ label }) => labels.includes(label))) return rows
  const given = new Map(own.map((name, i) => [name, labels[i]!]))
  if (!rows.every(({ label }) => given.has(label))) return rows
  return rows.map(row => ({ ...row, label: given.get(row.label)! }))
}

/** What the probabilities of a class are called where they are a column of a table. */
export function probabilityColumn(label: string): string {
  return `probability of ${label}`
}
