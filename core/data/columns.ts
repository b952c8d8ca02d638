import { PressroomError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { listed } from '../report/listed.ts'
import type { Row } from './dataset.ts'

/** Where text and label are: names of columns, or `1` and `2` when the file names none. */
export interface Columns {
  /** Undefined when there is none, and other columns stand in for it. */
  readonly text: string | undefined
  readonly label: string
  /** Whether the first line names the columns. */
  readonly header: boolean
}

export interface WantedColumns {
  readonly textColumn?: string | undefined
  readonly labelColumn?: string | undefined
  /** Others that rows keep. */
  readonly keepColumns?: readonly string[] | undefined
}

// Names in the order of preference: a file with both `text` and `title` has its text in `text`.
const KNOWN = {
  text: 'text headline title content body sentence review article description message comment document',
  label: 'label class category target sentiment topic section labels',
}

const FLAGS = { text: '--text-column', label: '--label-column', kept: '--keep-columns' }

type Role = keyof typeof KNOWN

/**
 * The columns among those a file names: the wanted ones exactly; else, whatever their case, the usual names; else,
 * of two columns, the one beside the one found. Where others are kept, there need be no text.
 * @throws PressroomError `missing-column` with the names there are and the nearest one.
 */
export function chooseColumns(path: string, names: readonly string[], wanted: WantedColumns): Columns {
  const kept = wanted.keepColumns ?? []
  for (const name of kept) checkNamed(path, 'kept', name, names)
  const free = names.filter(name => !kept.includes(name))
  const text = wanted.textColumn ?? detect('text', free, wanted.labelColumn)
  const label = wanted.labelColumn ?? detect('label', free, text)
  const columns = {
    text: text ?? theOther(free, label) ?? (kept.length > 0 ? undefined : missing(path, 'text', names)),
    label: label ?? theOther(free, text) ?? missing(path, 'label', names),
    header: true,
  }
  for (const role of ['text', 'label'] as const) {
    const name = columns[role]
    if (name !== undefined) checkNamed(path, role, name, names)
  }
  if (columns.text === columns.label) {
    throw new PressroomError('invalid-setting', `column "${columns.text}" cannot be both text and label`, {
      fix: `name two columns with ${FLAGS.text} and ${FLAGS.label}`,
    })
  }
  return columns
}

/**
 * Columns by the trimmed fields of a CSV or TSV file's first record. It is data, not names, when nothing is wanted, none of its fields is a
 * usual name, and of exactly two fields one has three words or more (the text) and the other one or two (the label).
 * @throws PressroomError as {@link chooseColumns}.
 */
export function columnsOfFirstRecord(path: string, names: readonly string[], wanted: WantedColumns): Columns {
  const named =
    detect('text', names) ??
    detect('label', names) ??
    wanted.textColumn ??
    wanted.labelColumn ??
    wanted.keepColumns?.[0]
  const words = names.map(name => name.split(/\s+/).filter(Boolean).length)
  if (named === undefined && names.length === 2 && words.every(count => count > 0)) {
    const text = words.findIndex(count => count > 2)
    const label = words.findIndex(count => count <= 2)
    if (text !== -1 && label !== -1) return { text: `${text + 1}`, label: `${label + 1}`, header: false }
  }
  return chooseColumns(path, names, wanted)
}

/**
 * The column that holds texts which nobody has labelled: the wanted one exactly, else the one with a usual name, else the only
 * one. A CSV or TSV file of one column may begin with a text at once.
 * @param names of the first record: its keys, or its trimmed fields when it is a `table`
 * @throws PressroomError `missing-column` with the names there are and the nearest one.
 */
export function chooseTextColumn(
  path: string,
  names: readonly string[],
  textColumn: string | undefined,
  table: boolean,
): { readonly text: string; readonly header: boolean } {
  const found = textColumn ?? detect('text', names)
  if (found === undefined && names.length === 1) return { text: table ? '1' : names[0]!, header: !table }
  const text = found ?? missing(path, 'text', names)
  checkNamed(path, 'text', text, names)
  return { text, header: true }
}

/** Of records to be scored. */
export interface RequiredColumns {
  /** To write beside the predictions. */
  readonly keepColumns?: readonly string[] | undefined
  /** That the model looks at. */
  readonly modelColumns?: readonly string[] | undefined
}

/**
 * Refuses records that lack a column.
 * @throws PressroomError `missing-column` for the first that is not among `names`, or is to be kept and there twice
 */
export function requireColumns(
  path: string,
  names: readonly string[],
  { keepColumns = [], modelColumns = [] }: RequiredColumns,
): void {
  for (const name of keepColumns) checkNamed(path, 'kept', name, names)
  for (const name of modelColumns) requireColumn(path, names, name, MODEL_LOOKS)
}

/**
 * Refuses rows none of which has a column beside its text.
 * @param why it is needed, as an error says it: default, that a model looks at it
 * @throws PressroomError `missing-column` for the first
 */
export function requireRowColumns(
  path: string,
  rows: readonly Row[],
  required: readonly string[],
  why: string = MODEL_LOOKS,
): void {
  if (required.length === 0) return
  const names = [...new Set(rows.flatMap(({ columns = {} }) => Object.keys(columns)))]
  for (const name of required) requireColumn(path, names, name, why)
}

const MODEL_LOOKS = 'the model looks at it'

function requireColumn(path: string, names: readonly string[], name: string, why: string): void {
  if (names.includes(name)) return
  throw new PressroomError('missing-column', `no column "${name}" in ${path}, and ${why}`, {
    where: `it has: ${names.length === 0 ? 'none beside text and label' : listed(names)}`,
    fix: `give rows that have it: ingest --keep-columns ${name} keeps it`,
  })
}

function detect(role: Role, names: readonly string[], taken?: string): string | undefined {
  for (const known of KNOWN[role].split(' ')) {
    const found = names.find(name => name !== taken && name.toLowerCase() === known)
    if (found !== undefined) return found
  }
  return undefined
}

function theOther(names: readonly string[], found: string | undefined): string | undefined {
  return names.length === 2 && found !== undefined ? names.find(name => name !== found) : undefined
}

function missing(path: string, role: Role, names: readonly string[]): never {
  throw new PressroomError('missing-column', `no column of ${path} looks like the ${role}`, {
    where: `it has: ${listed(names)}`,
    fix: `name it with ${FLAGS[role]}, or let the first line name it: ${role}`,
  })
}

function checkNamed(path: string, role: Role | 'kept', name: string, names: readonly string[]): void {
  const count = names.filter(other => other === name).length
  if (count === 1) return
  if (count > 1) {
    throw new PressroomError('missing-column', `${path} has ${count} columns "${name}"`, {
      fix: 'give each column a name of its own',
    })
  }
  const near = nearest(name, names) ?? (role === 'kept' ? undefined : detect(role, names))
  throw new PressroomError('missing-column', `no column "${name}" in ${path}`, {
    where: `it has: ${listed(names)}`,
    fix: near === undefined ? `name one of them with ${FLAGS[role]}` : `did you mean ${FLAGS[role]} ${near}?`,
  })
}
