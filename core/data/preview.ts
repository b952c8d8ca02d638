import { escapeMarkdown, markdownTable } from '../report/markdown.ts'
import { shorten } from '../report/shorten.ts'
import type { Row } from './dataset.ts'
import { classesOf } from './describe.ts'
import type { Splits } from './split.ts'

const ROWS_A_CLASS = 3
const LONGEST_TEXT = 160

/** A page of Markdown to look at: the class balance of each split and the first training rows of each class. */
export function previewRows(splits: Splits): string {
  const train = classesOf(splits.train)
  const countIn = (rows: readonly Row[]) => new Map(classesOf(rows).map(({ label, rows }) => [label, rows]))
  const validation = countIn(splits.validation)
  const test = countIn(splits.test)
  const balance = train.map(({ label, rows, share }) => {
    const others = [validation, test].map(split => split.get(label) ?? 0)
    return [escapeMarkdown(label), ...[rows, ...others].map(String), `${(100 * share).toFixed(1)} %`]
  })
  const samples = train.flatMap(({ label }) => [
    '',
    `## ${escapeMarkdown(label)}`,
    '',
    ...splits.train
      .filter(row => row.label === label)
      .slice(0, ROWS_A_CLASS)
      .map(({ text }) => `- ${escapeMarkdown(shorten(text, LONGEST_TEXT))}`),
  ])
  const table = markdownTable(['class', 'train', 'validation', 'test', 'share of train'], balance)
  return ['# Rows', '', table.trimEnd(), ...samples, ''].join('\n')
}
