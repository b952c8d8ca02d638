import { basename } from 'node:path'
import { counted } from '../../core/counted.ts'
import {
  describeRows,
  fingerprintRows,
  listBadRows,
  previewRows,
  type ReadResult,
  readRows,
  type SplitOptions,
  type Splits,
  similarLabels,
  splitStratified,
  writeDataset,
} from '../../core/data/index.ts'
import { PressroomError } from '../../core/errors.ts'
import { writeFileAtomic } from '../../core/storage/atomic.ts'
import { withLocalFile } from '../../core/storage/remote.ts'
import type { Json, Log, StageRun } from '../definition/index.ts'
import type { inputs, outputs } from './stage.ts'

const SPLITS = ['train', 'validation', 'test'] as const

const run: StageRun<typeof inputs, typeof outputs> = async ({ inputs, outputs, log, signal }) => {
  const labelNames = inputs.labelNames && namesOf('labelNames', inputs.labelNames)
  const keepColumns = inputs.keepColumns && namesOf('keepColumns', inputs.keepColumns)
  const found = await withLocalFile(inputs.source, signal, path =>
    readRows(path, { ...inputs, labelNames, keepColumns, signal }),
  )
  report(log, inputs.source, found)
  for (const line of similarLabels(found.rows.map(({ label }) => label))) log.warn(line)
  const splits = splitStratified(found.rows, inputs)
  warnOfGaps(log, splits, inputs)
  const info = infoOf(inputs.source, found, splits, inputs)
  signal.throwIfAborted()

  for (const split of SPLITS) await writeDataset(outputs[split].path, splits[split])
  await writeFileAtomic(outputs.info.path, `${JSON.stringify(info, null, 2)}\n`)
  await writeFileAtomic(outputs.preview.path, previewRows(splits))
  const classes = info.classes.length
  return {
    parameters: { rows: found.rows.length, classes },
    metadata: Object.fromEntries(SPLITS.map(split => [split, { rows: splits[split].length }])),
    summary: summaryOf(found, classes, splits),
  }
}

export default run

function namesOf(input: string, names: readonly Json[]): string[] {
  if (names.every(name => typeof name === 'string')) return [...names]
  throw new PressroomError('invalid-setting', `${input} must be a list of strings: ${JSON.stringify(names)}`)
}

/** `1,280 rows, 4 classes, 9 duplicates dropped; split 896, 128, 256` */
function summaryOf({ rows, duplicates, bad }: ReadResult, classes: number, splits: Splits): string {
  const parts = [counted(rows.length, 'row'), counted(classes, 'class', 'classes')]
  if (duplicates > 0) parts.push(`${counted(duplicates, 'duplicate')} dropped`)
  if (bad.count > 0) parts.push(`${counted(bad.count, 'bad row')} skipped`)
  const sizes = SPLITS.map(split => splits[split].length.toLocaleString('en'))
  return `${parts.join(', ')}; split ${sizes.join(', ')}`
}

function report(log: Log, source: string, { columns, bad }: ReadResult): void {
  const what = columns.header ? 'column' : 'no header line; column'
  const text = columns.text === undefined ? 'there is no text' : `${what} "${columns.text}" is the text`
  log.info(`${source}: ${text}, "${columns.label}" the label`)
  if (bad.count === 0) return
  log.warn(`left out ${counted(bad.count, 'row')} of ${source}:`)
  for (const line of listBadRows(bad)) log.warn(`  ${line}`)
}

/** A class that a split wants but has too few rows for is learned or judged blindly, and on an empty split nothing is. */
function warnOfGaps(log: Log, splits: Splits, { validationShare, testShare }: SplitOptions): void {
  const trained = new Set(splits.train.map(({ label }) => label))
  for (const [split, share] of [['validation', validationShare] as const, ['test', testShare] as const]) {
    if (share === 0) continue
    const there = new Set(splits[split].map(({ label }) => label))
    const absent = [...trained].filter(label => !there.has(label)).sort()
    if (there.size === 0) log.warn(`the ${split} split is empty: every class has too few rows for it`)
    else if (absent.length > 0) log.warn(`too few rows for the ${split} split: ${absent.join(', ')}`)
  }
}

/** Only what the rows and settings say: the same rows make the same bytes wherever the file lies. */
function infoOf(source: string, found: ReadResult, splits: Splits, options: SplitOptions) {
  const { rows, ...description } = describeRows(found.rows)
  return {
    formatVersion: 1,
    fingerprint: fingerprintRows(found.rows),
    source: { name: basename(source), format: found.format, columns: found.columns },
    rows: { read: found.read, kept: rows, duplicates: found.duplicates, bad: found.bad.count },
    badRows: found.bad.reported,
    ...description,
    split: {
      seed: options.seed,
      validationShare: options.validationShare,
      testShare: options.testShare,
      ...Object.fromEntries(
        SPLITS.map(split => [
          split,
          { rows: splits[split].length, fingerprint: fingerprintRows(splits[split]) },
        ]),
      ),
    },
  }
}
