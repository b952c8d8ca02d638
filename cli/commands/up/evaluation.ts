import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Metrics } from '../../../components/evaluate/metrics.ts'
import { formatShare } from '../../../core/report/numbers.ts'
import type { RunResult } from '../../../pipelines/runners/local/index.ts'
import { table } from '../../table.ts'

/** What `evaluate` found, as the lines of a table; none when it did not run. */
export async function evaluationTable(result: RunResult): Promise<string[]> {
  const uri = result.tasks.find(({ stage }) => stage === 'evaluate')?.outputs?.artifacts.metrics?.[0]?.uri
  if (uri === undefined) return []
  const metrics = JSON.parse(await readFile(fileURLToPath(uri), 'utf8')) as Metrics
  const { macroPrecision, macroRecall, macroF1, rows } = metrics
  const line = (name: string, precision: number, recall: number, f1: number, support: number) => {
    return [name, formatShare(precision), formatShare(recall), formatShare(f1), String(support)]
  }
  const classes = Object.entries(metrics.classes).map(([name, { precision, recall, f1, support }]) => {
    return line(name, precision, recall, f1, support)
  })
  const all = [...classes, line('macro average', macroPrecision, macroRecall, macroF1, rows)]
  const text = table(['', 'precision', 'recall', 'F1', 'rows'], all)
  return [
    '',
    ...text.split('\n').map(each => `    ${each}`),
    `    accuracy ${formatShare(metrics.accuracy)}`,
    '',
  ]
}
