import { setImmediate } from 'node:timers/promises'
import { counted } from '../../core/counted.ts'
import { type Source, type TextRow, textRows, withSource } from '../../core/data/index.ts'
import { PressroomError } from '../../core/errors.ts'
import { isWalkable, own } from '../../core/object.ts'
import { formatCount, formatShare } from '../../core/report/numbers.ts'
import { shardOf } from '../../core/shard.ts'
import { writeFileInPieces } from '../../core/storage/atomic.ts'
import { withLocalFile } from '../../core/storage/remote.ts'
import type { FeatureRow } from '../../core/text/index.ts'
import type { StageContext, StageRun } from '../definition/index.ts'
import { modelColumns } from '../model-columns.ts'
import { openScorer, type Scorer } from './model.ts'
import type { inputs, outputs } from './stage.ts'
import { jsonlWriter, parquetWriter, type Scored } from './write.ts'

type Inputs = StageContext<typeof inputs, typeof outputs>['inputs']

const ROWS_AT_ONCE = 4096
const DECIMALS = 6
const CLASSES_SHOWN = 4

const run: StageRun<typeof inputs, typeof outputs> = async ({ inputs, outputs, log, signal }) => {
  const source = sourceOf(inputs)
  await using scorer = await openScorer({ ...inputs, folder: inputs.model?.path }, { log, signal })
  const { labels } = scorer.model.info
  log.info(`${scorer.name} ${scorer.version}: ${counted(labels.length, 'class', 'classes')}`)
  const head = { labels, columns: inputs.keepColumns ?? [], model: scorer.name, version: scorer.version }
  const wanted = { ...inputs, modelColumns: modelColumns(scorer.model.info) }
  const counts = new Map<string, number>()
  let rows = 0
  let skipped = 0

  await writeFileInPieces(outputs.predictions.path, async path => {
    const writer = await (inputs.outputFormat === 'parquet'
      ? parquetWriter(path, head)
      : jsonlWriter(path, head))
    const flush = async (batch: readonly TextRow[]) => {
      await setImmediate()
      signal.throwIfAborted()
      const scored = await score(scorer, batch, { source, columns: head.columns })
      await writer.write(scored)
      for (const { predicted } of scored) counts.set(predicted, (counts.get(predicted) ?? 0) + 1)
      rows += batch.length
      if (rows % (25 * ROWS_AT_ONCE) === 0) log.info(`${formatCount(rows)} rows`)
    }
    try {
      await withRows(inputs, source, signal, async found => {
        let batch: TextRow[] = []
        for await (const row of inShard(textRows(source, found, wanted), inputs.shard)) {
          if ('problem' in row) {
            if (inputs.badRows === 'fail') throw badRow(source, row)
            skipped += 1
          } else batch.push(row)
          if (batch.length < ROWS_AT_ONCE) continue
          await flush(batch)
          batch = []
        }
        if (batch.length > 0) await flush(batch)
      })
    } finally {
      await writer.finish()
    }
  })
  if (skipped > 0) log.warn(`left out ${counted(skipped, 'row')} without a text`)
  return {
    parameters: { rows, skipped },
    metadata: { predictions: { rows, model: scorer.name, version: scorer.version } },
    summary: `${counted(rows, 'row')} by ${scorer.name} ${shortVersion(scorer.version)}${sharesOf(counts, rows)}`,
  }
}

export default run

/** The records of a file here or in a bucket, or those that ingest wrote. */
function withRows(
  { data }: Inputs,
  source: string,
  signal: AbortSignal,
  use: (found: Source) => Promise<void>,
): Promise<void> {
  return withLocalFile(source, signal, path =>
    withSource(path, data === undefined ? 'auto' : 'jsonl', signal, use),
  )
}

function sourceOf({ source, data }: Inputs): string {
  const path = source ?? data?.path
  if (path !== undefined && (source === undefined || data === undefined)) return path
  throw new PressroomError('invalid-parameter', 'predict needs one source of rows', {
    where: path === undefined ? 'neither source nor data is given' : 'source and data are given',
    fix: 'give a file, or --data with what ingest wrote',
  })
}

async function* inShard<T>(rows: AsyncIterable<T>, shard: string): AsyncGenerator<T> {
  const belongs = shardOf(shard)
  let index = 0
  for await (const row of rows) if (belongs(index++)) yield row
}

async function score(
  scorer: Scorer,
  batch: readonly TextRow[],
  { source, columns }: { readonly source: string; readonly columns: readonly string[] },
): Promise<Scored[]> {
  const { model } = scorer
  const { labels } = model.info
  const needed = modelColumns(model.info)
  const rows = needed.length === 0 ? batch.map(({ text }) => text) : batch.map(row => withCells(row, needed))
  const predictions = await model.predict(rows).catch(async error => {
    throw (await firstFault(model, rows, batch, source)) ?? error
  })
  return batch.map(({ line, text, values }, i) => {
    const { label, probabilities } = predictions[i]!
    const rounded = Array.from(probabilities, value => Number(value.toFixed(DECIMALS)))
    return {
      line,
      text,
      kept: Object.fromEntries(columns.map(name => [name, keptOf(values, name, line)])),
      predicted: label,
      probability: rounded[labels.indexOf(label)]!,
      probabilities: rounded,
    }
  })
}

/** What a row has in a column that goes along. */
function keptOf(values: TextRow['values'], name: string, line: number): unknown {
  const value = own(values, name)
  if (isWalkable(value)) return value
  throw new PressroomError('invalid-rows', `line ${line}: column "${name}" is nested too deeply to be kept`, {
    fix: 'correct it, or leave the column out of --keep-columns',
  })
}

/** What a model says of the first row that it cannot take, with that row's line: it counts the rows of a batch alone. */
async function firstFault(
  model: Scorer['model'],
  rows: readonly FeatureRow[],
  batch: readonly TextRow[],
  source: string,
): Promise<PressroomError | undefined> {
  for (const [i, row] of rows.entries()) {
    try {
      await model.predict([row])
    } catch (error) {
      if (!(error instanceof PressroomError) || error.code !== 'invalid-rows') return undefined
      const { what, where, fix } = error
      const said = `line ${batch[i]!.line} of ${source}: ${what.replace(/ in row 1$/, '')}`
      return new PressroomError('invalid-rows', said, { where, fix, cause: error })
    }
  }
  return undefined
}

/** The row with the columns that the model's features look at, as ingest would have kept them. */
function withCells({ line, text, values }: TextRow, names: readonly string[]): FeatureRow {
  const cells = names.map(name => {
    const value = own(values, name)
    if (value === undefined || value === null || typeof value === 'number') return [name, value]
    if (typeof value === 'string' || typeof value === 'boolean') return [name, String(value).trim()]
    throw new PressroomError('invalid-rows', `line ${line}: column "${name}" is no text and no number`, {
      fix: 'correct it, or score with a model that does not look at it',
    })
  })
  return { text, columns: Object.fromEntries(cells) }
}

function badRow(
  path: string,
  { line, problem }: { readonly line: number; readonly problem: string },
): PressroomError {
  return new PressroomError('invalid-rows', `line ${line} of ${path}: ${problem}`, {
    fix: 'correct it, or leave such rows out with --bad-rows skip',
  })
}

function shortVersion(version: string): string {
  return version.startsWith('sha256:') ? version.slice(7, 15) : version
}

/** `: Sports .31, World .27, …` */
function sharesOf(counts: ReadonlyMap<string, number>, rows: number): string {
  if (rows === 0) return ''
  const sorted = [...counts].sort(([, a], [, b]) => b - a)
  const shown = sorted
    .slice(0, CLASSES_SHOWN)
    .map(([label, count]) => `${label} ${formatShare(count / rows, 2)}`)
  return `: ${shown.join(', ')}${sorted.length > CLASSES_SHOWN ? ', …' : ''}`
}
