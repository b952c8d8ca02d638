import { aCount, aNumber, aShare, type Decoder, listOf, objectOf, oneOf } from '../decode.ts'
import type { FittedModel } from '../learn/index.ts'

type Kind = FittedModel['kind']
type ModelOf<K extends Kind> = Extract<FittedModel, { kind: K }>

/** A typed array of a class; its length is for whoever knows the others. */
export const arrayOf =
  <T>(type: new (length: number) => T): Decoder<T> =>
  (value, at) => {
    if (value instanceof type) return value
    throw new Error(`${at} must be a ${type.name}`)
  }
const doubles = arrayOf(Float64Array)
const singles = arrayOf(Float32Array)
const integers = arrayOf(Int32Array)

const aSize: Decoder<number> = (value, at) => {
  const size = aCount(value, at)
  if (size === 0 || size > 2 ** 31) throw new Error(`${at} must be a whole number from 1 up`)
  return size
}

const common = { classes: aSize, features: aSize }
const linear = { ...common, coefficients: doubles, intercepts: doubles }

const aMatrix = objectOf({
  rows: aCount,
  columns: aCount,
  indptr: integers,
  indices: integers,
  values: doubles,
})
const aKernel = objectOf({
  kernel: oneOf('linear', 'rbf', 'poly'),
  gamma: aNumber,
  degree: aNumber,
  coef0: aNumber,
})
const floats: Decoder<Float32Array | Float64Array> = (value, at) =>
  value instanceof Float64Array ? value : singles(value, at)
const aLayer = objectOf({ inputs: aSize, outputs: aSize, weights: floats, bias: floats })

type Calibrators = ModelOf<'calibrated'>['members'][number]['calibrators']
type Calibrator = Calibrators[number]
const CALIBRATORS: Readonly<Record<Calibrator['method'], Decoder<Calibrator>>> = {
  sigmoid: objectOf({ method: oneOf('sigmoid'), slope: aNumber, intercept: aNumber }),
  isotonic: objectOf({ method: oneOf('isotonic'), scores: doubles, probabilities: doubles }),
  temperature: objectOf({ method: oneOf('temperature'), beta: aNumber }),
}
const aCalibrator: Decoder<Calibrator> = (value, at) => chosen(CALIBRATORS, 'method', value, at)

/** What each kind is made of; that its parts fit each other is what {@link faultOf} sees. */
const KINDS: Readonly<Record<Kind, Decoder<FittedModel>>> = {
  'logistic-regression': objectOf({
    kind: oneOf('logistic-regression'),
    ...linear,
    multiClass: oneOf('multinomial', 'ovr'),
  }),
  'linear-svm': objectOf({ kind: oneOf('linear-svm'), ...linear }),
  'naive-bayes': objectOf({ kind: oneOf('naive-bayes'), ...linear }),
  'complement-naive-bayes': objectOf({ kind: oneOf('complement-naive-bayes'), ...linear }),
  'nb-weighted': objectOf({
    kind: oneOf('nb-weighted'),
    ...linear,
    inner: oneOf('linear-svm', 'logistic-regression'),
  }),
  calibrated: objectOf({
    kind: oneOf('calibrated'),
    ...common,
    members: listOf((value, at) =>
      objectOf({ model: aFittedModel, calibrators: listOf(aCalibrator) as Decoder<Calibrators> })(value, at),
    ),
  }),
  'kernel-svm': objectOf({
    kind: oneOf('kernel-svm'),
    ...common,
    kernel: aKernel,
    vectors: aMatrix,
    counts: integers,
    coefficients: doubles,
    intercepts: doubles,
  }),
  mlp: objectOf({
    kind: oneOf('mlp'),
    ...common,
    activation: oneOf('relu', 'tanh', 'logistic'),
    layers: listOf(aLayer),
  }),
  'random-forest': objectOf({
    kind: oneOf('random-forest'),
    ...common,
    roots: integers,
    split: integers,
    thresholds: doubles,
    left: integers,
    right: integers,
    shares: doubles,
  }),
  voting: objectOf({
    kind: oneOf('voting'),
    ...common,
    how: oneOf('soft', 'sum'),
    models: listOf((value, at) => aFittedModel(value, at)),
    weights: listOf(aShare),
  }),
}

/**
 * Reads a fitted model from plain data, so strictly that asking it can neither leave an array nor run without end.
 * @throws Error with a clause that says what is wrong
 */
export const aFittedModel: Decoder<FittedModel> = (value, at) => {
  const model = chosen<FittedModel>(KINDS, 'kind', value, at)
  const fault = faultOf(model)
  if (fault !== undefined) throw new Error(`${at}: the ${model.kind} model has ${fault}`)
  return model
}

/** Reads a value by the decoder that one of its fields names. */
function chosen<T>(
  decoders: Readonly<Record<string, Decoder<T>>>,
  field: string,
  value: unknown,
  at: string,
): T {
  const name =
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : undefined
  if (typeof name === 'string' && Object.hasOwn(decoders, name)) return decoders[name]!(value, at)
  throw new Error(
    `${at}.${field} is ${JSON.stringify(name)}; this release knows ${Object.keys(decoders).join(', ')}`,
  )
}

/** What does not fit in a model whose parts have the right types: `12 coefficients for 5 features of 2 classes`. */
function faultOf(model: FittedModel): string | undefined {
  const { classes, features } = model
  switch (model.kind) {
    case 'calibrated': {
      if (model.members.length === 0) return 'no members'
      const width = classes === 2 ? 1 : classes
      for (const { model: inner, calibrators } of model.members) {
        const fault = memberFault(model, inner)
        if (fault !== undefined) return fault
        const [first] = calibrators
        const wanted = first?.method === 'temperature' ? 1 : width
        if (calibrators.length !== wanted) return `${calibrators.length} calibrators; it takes ${wanted}`
        if (calibrators.some(({ method }) => method !== first!.method))
          return 'calibrators of several methods'
        for (const calibrator of calibrators) {
          if (calibrator.method !== 'isotonic') continue
          const { scores, probabilities } = calibrator
          if (scores.length === 0 || scores.length !== probabilities.length)
            return 'a calibrator without its points'
        }
      }
      return undefined
    }
    case 'voting':
      if (model.models.length === 0 || model.models.length !== model.weights.length)
        return 'votes without weights'
      return model.models.map(inner => memberFault(model, inner)).find(fault => fault !== undefined)
    case 'kernel-svm': {
      const { vectors, counts, coefficients, intercepts } = model
      const pairs = (classes * (classes - 1)) / 2
      if (vectors.columns !== features || !isMatrix(vectors))
        return 'vectors that are no matrix of its features'
      if (counts.length !== classes || counts.some(count => count < 0))
        return 'no number of vectors for each class'
      if (counts.reduce((a, b) => a + b, 0) !== vectors.rows) return 'numbers of vectors that do not add up'
      if (coefficients.length !== (classes - 1) * vectors.rows || intercepts.length !== pairs) {
        return `${coefficients.length} coefficients for ${vectors.rows} vectors`
      }
      return undefined
    }
    case 'mlp': {
      let inputs = features
      for (const layer of model.layers) {
        const fits =
          layer.inputs === inputs &&
          layer.weights.length === layer.inputs * layer.outputs &&
          layer.bias.length === layer.outputs
        if (!fits) return 'layers that do not fit each other'
        inputs = layer.outputs
      }
      return model.layers.length === 0 || inputs !== classes ? 'no layer that gives the classes' : undefined
    }
    case 'random-forest':
      return forestFault(model)
    default: {
      const { coefficients, intercepts } = model
      if (coefficients.length === features * classes && intercepts.length === classes) return undefined
      return `${coefficients.length} coefficients and ${intercepts.length} intercepts for ${features} features and ${classes} classes`
    }
  }
}

function memberFault(whole: FittedModel, member: FittedModel): string | undefined {
  const same = member.classes === whole.classes && member.features === whole.features
  return same ? undefined : 'a member of other features or classes'
}

/** A child comes behind its parent, so that no walk goes round in a circle. */
function forestFault({
  classes,
  features,
  roots,
  split,
  thresholds,
  left,
  right,
  shares,
}: ModelOf<'random-forest'>) {
  const nodes = split.length
  const sizes = [thresholds.length, left.length, right.length, shares.length / classes]
  if (sizes.some(size => size !== nodes)) return 'lists of different lengths'
  if (roots.length === 0 || roots.some(root => root < 0 || root >= nodes)) return 'roots that are no nodes'
  for (let node = 0; node < nodes; node++) {
    if (split[node]! < 0) continue
    const behind = left[node]! > node && right[node]! > node && left[node]! < nodes && right[node]! < nodes
    if (!behind || split[node]! >= features) return `a node that leads nowhere: ${node}`
  }
  return undefined
}

function isMatrix({ rows, columns, indptr, indices, values }: ModelOf<'kernel-svm'>['vectors']): boolean {
  const ends = indptr.length === rows + 1 && indptr[0] === 0 && indptr[rows] === indices.length
  if (!ends || values.length !== indices.length) return false
  for (let row = 0; row < rows; row++) if (indptr[row + 1]! < indptr[row]!) return false
  return indices.every(column => column >= 0 && column < columns)
}
