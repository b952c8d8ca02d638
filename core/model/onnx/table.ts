import type { GraphBuilder } from './builder.ts'

/** In what numbers a graph keeps its large tables; everything else stays in single or double precision. */
export type WeightType = 'float32' | 'float16' | 'int8'

/** A matrix inside a graph. int8 has a scale a column, with which products are multiplied afterwards. */
export interface Table {
  readonly name: string
  readonly type: WeightType | 'double'
  readonly scale: string | undefined
}

const MOST_INT8 = 127
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
  const largest = new Float64Array(columns)
  for (let i = 0; i < data.length; i++) {
    const size = Math.abs(data[i]!)
    if (size > largest[i % columns]!) largest[i % columns] = size
  }
  const type = wanted === 'float16' && largest.some(size => size > MOST_FLOAT16) ? 'float32' : wanted
  if (type !== 'int8') return { name: g.constant(shape, { type, data }), type, scale: undefined }
  const scale = largest.map(size => (size === 0 ? 1 : size / MOST_INT8))
  const whole = Int8Array.from(data, (value, i) => Math.round(value / scale[i % columns]!))
  return {
    name: g.constant(shape, { type, data: whole }),
    type,
    scale: g.floats([columns], scale),
  }
}
