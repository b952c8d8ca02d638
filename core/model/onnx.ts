import protobuf from 'protobufjs/light.js'
import { floatsToBytes } from './bytes.ts'

/*
 * Writes ONNX models. The messages below are those of onnx/onnx.proto3 (github.com/onnx/onnx, IR version 8), cut down to
 * the fields written here; field numbers and enum values are its own.
 */
const string = (id: number) => ({ id, type: 'string' })
const int64 = (id: number) => ({ id, type: 'int64' })
const message = (id: number, type: string) => ({ id, type })
const many = (id: number, type: string) => ({ id, type, rule: 'repeated' })

const root = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: int64(1),
        producerName: string(2),
        producerVersion: string(3),
        graph: message(7, 'GraphProto'),
        opsetImport: many(8, 'OperatorSetIdProto'),
        metadataProps: many(14, 'StringStringEntryProto'),
      },
    },
    OperatorSetIdProto: { fields: { domain: string(1), version: int64(2) } },
    StringStringEntryProto: { fields: { key: string(1), value: string(2) } },
    GraphProto: {
      fields: {
        node: many(1, 'NodeProto'),
        name: string(2),
        initializer: many(5, 'TensorProto'),
        input: many(11, 'ValueInfoProto'),
        output: many(12, 'ValueInfoProto'),
      },
    },
    NodeProto: {
      fields: {
        input: many(1, 'string'),
        output: many(2, 'string'),
        name: string(3),
        opType: string(4),
        attribute: many(5, 'AttributeProto'),
      },
    },
    AttributeProto: {
      fields: {
        name: string(1),
        f: { id: 2, type: 'float' },
        i: int64(3),
        ints: many(8, 'int64'),
        type: { id: 20, type: 'int32' },
      },
    },
    TensorProto: {
      fields: {
        dims: many(1, 'int64'),
        dataType: { id: 2, type: 'int32' },
        int64Data: many(7, 'int64'),
        name: string(8),
        rawData: { id: 9, type: 'bytes' },
      },
    },
    ValueInfoProto: { fields: { name: string(1), type: message(2, 'TypeProto') } },
    TypeProto: { fields: { tensorType: message(1, 'TypeProtoTensor') } },
    TypeProtoTensor: {
      fields: { elemType: { id: 1, type: 'int32' }, shape: message(2, 'TensorShapeProto') },
    },
    TensorShapeProto: { fields: { dim: many(1, 'Dimension') } },
    Dimension: { fields: { dimValue: int64(1), dimParam: string(2) } },
  },
})

const DATA_TYPES = { float32: 1, int64: 7 } as const
const ATTRIBUTE_TYPES = { f: 1, i: 2, ints: 7 } as const

type OnnxType = keyof typeof DATA_TYPES

/** A graph's input or output; a dimension is a size, or a name for one that is known only when it runs. */
interface OnnxValue {
  readonly name: string
  readonly type: OnnxType
  readonly shape: readonly (number | string)[]
}

/** A constant of the graph, row-major. */
interface OnnxConstant {
  readonly name: string
  readonly type: OnnxType
  readonly shape: readonly number[]
  readonly data: ArrayLike<number>
}

/** One operation. ONNX keeps whole and broken numbers apart, so an attribute says which it is. */
interface OnnxNode {
  readonly operator: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: Readonly<
    Record<string, { readonly i: number } | { readonly f: number } | { readonly ints: readonly number[] }>
  >
}

export interface OnnxGraph {
  readonly name: string
  readonly opset: number
  readonly producer: { readonly name: string; readonly version: string }
  /** Strings that travel with the model; runtimes hand them out unread. */
  readonly metadata: Readonly<Record<string, string>>
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly constants: readonly OnnxConstant[]
  /** Each node after those whose outputs it takes. */
  readonly nodes: readonly OnnxNode[]
}

/** The bytes of an ONNX file. The same graph always gives the same bytes. */
export function encodeOnnx(graph: OnnxGraph): Uint8Array {
  const type = root.lookupType('ModelProto')
  const model = type.fromObject({
    irVersion: 8,
    producerName: graph.producer.name,
    producerVersion: graph.producer.version,
    opsetImport: [{ domain: '', version: graph.opset }],
    metadataProps: Object.entries(graph.metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name: graph.name,
      node: graph.nodes.map(nodeProto),
      initializer: graph.constants.map(tensorProto),
      input: graph.inputs.map(valueInfoProto),
      output: graph.outputs.map(valueInfoProto),
    },
  })
  return type.encode(model).finish()
}

function nodeProto({ operator, inputs, outputs, attributes = {} }: OnnxNode) {
  const attribute = Object.entries(attributes).map(([name, value]) => {
    const [field] = Object.keys(value) as (keyof typeof ATTRIBUTE_TYPES)[]
    return { name, ...value, type: ATTRIBUTE_TYPES[field!] }
  })
  return { name: outputs[0], opType: operator, input: inputs, output: outputs, attribute }
}

function tensorProto({ name, type, shape, data }: OnnxConstant) {
  const values = type === 'float32' ? { rawData: floatsToBytes(data) } : { int64Data: Array.from(data) }
  return { name, dims: shape, dataType: DATA_TYPES[type], ...values }
}

function valueInfoProto({ name, type, shape }: OnnxValue) {
  const dim = shape.map(size => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }))
  return { name, type: { tensorType: { elemType: DATA_TYPES[type], shape: { dim } } } }
}
