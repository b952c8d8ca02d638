import { quantised } from '../int8.ts'
import type { GraphBuilder } from './builder.ts'

/** In what numbers a graph keeps its large tables; everything else stays in single or double precision. */
export type WeightType = 'float32' | 'float16' | 'int8'

/** A matrix inside a graph. int8 has a scale a column, with which products are multiplied afterwards. */
export interface Table {
  readonly name: string
  readonly type: WeightType | 'double'
  readonly scale: string | undefined
}

const MOST_FLOAT16 = 65504

/**
 * Puts a row-major matrix into the graph. int8 is symmetric with one scale a column, the column's largest weight over 127.
 * float16 holds sizes from 6e-8 to 65,504; a matrix with a larger number stays in float32.
 */
export function addTable(
  g: GraphBuilder,
  data: ArrayLike<number>,
  columns: number,
  wanted: Table['type'],
): Table {
  const shape = [data.length / columns, columns]
  const { type, data: kept, scales } = tableOf(data, columns, wanted)
  const scale = scales === undefined ? undefined : g.floats([columns], scales)
  return { name: g.constant(shape, { type, data: kept }), type, scale }
}

function tableOf(data: ArrayLike<number>, columns: number, wanted: Table['type']) {
  if (wanted === 'int8') {
    const { whole, scales } = quantised(data, columns)
    return { type: wanted, data: whole, scales }
  }
  const fits =
    wanted !== 'float16' || Array.prototype.every.call(data, value => Math.abs(value) <= MOST_FLOAT16)
  return { type: fits ? wanted : 'float32', data }
}
