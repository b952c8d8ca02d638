import type { FileNode, OnnxFile } from '../graph/onnx-file.ts'
import type { Session } from '../graph/session.ts'
import type { GraphRecord } from '../types.ts'
import { refuse } from './refuse.ts'

type Value = Session['inputMetadata'][number]
type TensorValue = Extract<Value, { isTensor: true }>

const LABELS: readonly string[] = ['string', 'int64', 'int32']
const SCORES: readonly string[] = ['float32', 'float64']

/**
 * The ZipMap whose maps are an output: a list of maps, which no runtime but Python's and C's hands out. Behind it stands the
 * tensor that it was made of, and in it the classes.
 */
export function zipMapOf({ nodes, outputs }: OnnxFile): FileNode | undefined {
  return nodes.find(({ operator, outputs: [made] }) => operator === 'ZipMap' && outputs.includes(made!))
}

/**
 * How a graph is asked for texts, by what its inputs and outputs are.
 * @param probabilities the output that has them, where that is known
 * @throws PressroomError `not-importable` that says what the graph takes and gives, and what is wanted
 */
export function interfaceOf(
  { inputMetadata, outputMetadata }: Session,
  probabilities: string | undefined,
): Pick<GraphRecord, 'input' | 'label' | 'probabilities'> {
  const input = inputOf(inputMetadata)
  const tensors = outputMetadata.filter((value): value is TensorValue => value.isTensor)
  const labels = tensors.filter(({ type, shape }) => LABELS.includes(type) && isColumn(shape))
  const scores = tensors.filter(({ type, shape }) => SCORES.includes(type) && [0, 2].includes(shape.length))
  const score = probabilities ?? one(scores, /prob/i)
  if (score === undefined) {
    throw refuse('no output of the graph is its probabilities', `it gives ${shown(outputMetadata)}`, {
      fix: 'give it one float output [N, classes], or one of several that has "prob" in its name; of skl2onnx, zipmap False',
    })
  }
  const label = one(labels, /label|class/i)
  if (label === undefined && labels.length > 0) {
    throw refuse('no output of the graph is its label', `it gives ${shown(outputMetadata)}`, {
      fix: 'give it one string or int64 output [N], or one of several that has "label" in its name',
    })
  }
  return { input, label: label ?? null, probabilities: score }
}

function inputOf(inputs: readonly Value[]): GraphRecord['input'] {
  const [input, ...others] = inputs
  if (input?.isTensor && input.type === 'string' && others.length === 0) {
    const [rows, width, ...rest] = input.shape
    const size = typeof rows === 'number' ? rows : 'N'
    const fits = rest.length === 0 && (width === 1 || typeof width !== 'number')
    if (fits && (size === 'N' || size === 1)) {
      return { name: input.name, shape: input.shape.length === 2 ? [size, 1] : [size] }
    }
  }
  throw refuse('the graph does not take texts', `it takes ${shown(inputs)}`, {
    fix: 'what comes in has one input, a string tensor [N] or [N, 1] with a text a row',
  })
}

/** The name of the only value, or of the only one that is called so. */
function one(values: readonly TensorValue[], called: RegExp): string | undefined {
  const [value, ...others] = values.length > 1 ? values.filter(({ name }) => called.test(name)) : values
  return others.length === 0 ? value?.name : undefined
}

/** One value a row. */
function isColumn(shape: readonly unknown[]): boolean {
  return shape.length < 2 || (shape.length === 2 && shape[1] === 1)
}

/** `data float32 [1, 3, 224, 224]`. */
function shown(values: readonly Value[]): string {
  if (values.length === 0) return 'nothing'
  const each = values.map(value => {
    if (!value.isTensor) return `${value.name}, which is no tensor`
    return `${value.name} ${value.type} [${value.shape.map(size => (size === '' ? '?' : size)).join(', ')}]`
  })
  return each.join('; ')
}
