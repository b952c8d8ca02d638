import { open } from 'node:fs/promises'
import { fileWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer'
import { probabilityColumn } from '../../core/model/index.ts'

/** A scored row. */
export interface Scored {
  readonly line: number
  readonly text: string
  /** Other columns of the source, by name. */
  readonly kept: Readonly<Record<string, unknown>>
  readonly predicted: string
  /** Of the predicted class. */
  readonly probability: number
  /** In the order of the labels. */
  readonly probabilities: readonly number[]
}

/** A file of predictions that grows batch by batch. */
export interface PredictionWriter {
  write(batch: readonly Scored[]): Promise<void>
  finish(): Promise<void>
}

export interface PredictionHead {
  readonly labels: readonly string[]
  /** Names of the kept columns. */
  readonly columns: readonly string[]
  readonly model: string
  readonly version: string
}

/** JSON objects, one a line. */
export async function jsonlWriter(
  path: string,
  { labels, model, version }: PredictionHead,
): Promise<PredictionWriter> {
  const file = await open(path, 'wx')
  const lineOf = ({ kept, probabilities, ...row }: Scored) => {
    const named = Object.fromEntries(labels.map((label, k) => [label, probabilities[k]]))
    return `${JSON.stringify({ ...kept, ...row, probabilities: named, model, version })}\n`
  }
  return {
    write: async batch => {
      await file.write(batch.map(lineOf).join(''))
    },
    finish: () => file.close(),
  }
}

/**
 * Parquet, a row group a batch: `line`, `text`, the kept columns as text, `predicted`, `probability`, a column `probability of …` for each
 * class, `model`, `version`.
 */
export async function parquetWriter(path: string, head: PredictionHead): Promise<PredictionWriter> {
  const { labels, columns, model, version } = head
  const columnsOf = (batch: readonly Scored[]) => [
    { name: 'line', data: batch.map(row => BigInt(row.line)), type: 'INT64' as const },
    { name: 'text', data: batch.map(row => row.text), type: 'STRING' as const },
    ...columns.map(name => ({
      name,
      data: batch.map(({ kept }) => textOf(kept[name])),
      type: 'STRING' as const,
      nullable: true,
    })),
    { name: 'predicted', data: batch.map(row => row.predicted), type: 'STRING' as const },
    { name: 'probability', data: batch.map(row => row.probability), type: 'DOUBLE' as const },
    ...labels.map((label, k) => ({
      name: probabilityColumn(label),
      data: batch.map(row => row.probabilities[k]!),
      type: 'DOUBLE' as const,
    })),
    { name: 'model', data: batch.map(() => model), type: 'STRING' as const },
    { name: 'version', data: batch.map(() => version), type: 'STRING' as const },
  ]
  const schema = schemaFromColumnData({ columnData: columnsOf([]) })
  const writer = new ParquetWriter({ writer: fileWriter(path), schema, createdBy: 'pressroom-ml' })
  return {
    write: async batch => {
      await writer.write({ columnData: columnsOf(batch), rowGroupSize: batch.length })
    },
    finish: async () => {
      await writer.finish()
    },
  }
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}
