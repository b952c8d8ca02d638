import type { FloatType, Stored } from './container.ts'

/** What the weights of a model are rounded to in its folder and its ONNX files. */
export type Precision = FloatType | 'int8'

/** Large arrays that are rounded; few numbers cost nothing, and a forest's thresholds must not move past a value. */
const ROUNDED: readonly string[] = ['coefficients', 'shares', 'idf', 'values']

/**
 * How an array of a model is kept, by its key and the object that has it; undefined: as it is. int8 is for the matrices of linear models
 * and networks, which have a scale a column; what else is large is of half precision then.
 */
export function storedAs(key: string, holder: object, precision: Precision): Stored | undefined {
  const { classes, outputs } = holder as { readonly classes?: number; readonly outputs?: number }
  // Those of a kernel machine are its support vectors', pair by pair of classes.
  const columns = key === 'coefficients' && !('vectors' in holder) ? classes : undefined
  // A network's layer; voting's weights, which are few, have no outputs beside them.
  if (key === 'weights' && outputs !== undefined) return narrowed(precision, outputs)
  return ROUNDED.includes(key) ? narrowed(precision, columns) : undefined
}

function narrowed(precision: Precision, columns: number | undefined): Stored {
  if (precision !== 'int8') return precision
  return columns === undefined ? 'float16' : { type: 'int8', columns }
}
