import type { Row } from './dataset.ts'
import { classesOf } from './describe.ts'
import { shorten } from './shorten.ts'
import type { Splits } from './split.ts'

const ROWS_A_CLASS = 3
const LONGEST_TEXT = 160

/** A page of Markdown to look at: the class balance of each split and the first training rows of each class. */
export function previewRows(splits: Splits): string {
  const train = classesOf(splits.train)
  const countIn = (rows: readonly Row[]) => new Map(classesOf(rows).map(({ label, rows }) => [label, rows]))
  const validation = countIn(splits.validation)
  const test = countIn(splits.test)
  const balance = train.map(
    ({ label, rows, share }) =>
      `| ${escaped(label)} | ${rows} | ${validation.get(label) ?? 0} | ${test.get(label) ?? 0} | ${(100 * share).toFixed(1)} % |`,
  )
  const samples = train.flatMap(({ label }) => [
    '',
    `## ${escaped(label)}`,
    '',
    ...splits.train
      .filter(row => row.label === label)
      .slice(0, ROWS_A_CLASS)
      .map(({ text }) => `- ${escaped(shorten(text, LONGEST_TEXT))}`),
  ])
  return [
    '# Rows',
    '',
    '| class | train | validation | test | share of train |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...balance,
    ...samples,
    '',
  ].join('\n')
}

/** Rows are other people's text: nothing in them may become a tag, a link or a table cell of its own. */
function escaped(text: string): string {
  return text
    .replace(/[\\`*_{}[\]()#+!|~]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
}
