import protobuf from 'protobufjs/light.js'
import { floatsToBytes } from '../bytes.ts'

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
        domain: string(7),
      },
    },
    AttributeProto: {
      fields: {
        name: string(1),
        f: { id: 2, type: 'float' },
        i: int64(3),
        s: { id: 4, type: 'bytes' },
        g: message(6, 'GraphProto'),
        floats: many(7, 'float'),
        ints: many(8, 'int64'),
        strings: many(9, 'bytes'),
        type: { id: 20, type: 'int32' },
      },
    },
    TensorProto: {
      fields: {
        dims: many(1, 'int64'),
        dataType: { id: 2, type: 'int32' },
        stringData: many(6, 'bytes'),
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

const DATA_TYPES = { float32: 1, int8: 3, int64: 7, string: 8, bool: 9, float16: 10, double: 11 } as const
const ATTRIBUTE_TYPES = { f: 1, i: 2, s: 3, g: 5, floats: 6, ints: 7, strings: 8 } as const

type OnnxType = keyof typeof DATA_TYPES

/** A graph's input or output; a dimension is a size, or a name for one that is known only when it runs. */
export interface OnnxValue {
  readonly name: string
  readonly type: OnnxType
  readonly shape: readonly (number | string)[]
}

/** A constant of the graph, row-major. float16 is rounded from what is given; int8 must be whole numbers from -127 to 127. */
export interface OnnxConstant {
  readonly name: string
  readonly shape: readonly number[]
  readonly value:
    | { readonly type: Exclude<OnnxType, 'string'>; readonly data: ArrayLike<number> }
    | { readonly type: 'string'; readonly data: readonly string[] }
}

/** ONNX keeps whole and broken numbers apart, so an attribute says which it is. */
export type OnnxAttribute =
  | { readonly i: number }
  | { readonly f: number }
  | { readonly s: string }
  | { readonly g: OnnxBody }
  | { readonly ints: ArrayLike<number> }
  | { readonly floats: ArrayLike<number> }
  | { readonly strings: readonly string[] }

/** One operation. */
export interface OnnxNode {
  /** `ai.onnx.ml`; the operators of the standard's main domain have none. */
  readonly domain?: string
  readonly operator: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>
}

/** What a graph and the body of a control-flow operator have in common. */
export interface OnnxBody {
  readonly name: string
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly constants: readonly OnnxConstant[]
  /** Each node after those whose outputs it takes. */
  readonly nodes: readonly OnnxNode[]
}

export interface OnnxGraph extends OnnxBody {
  /** Version of each domain's operators; the standard's own domain is ''. */
  readonly opsets: Readonly<Record<string, number>>
  readonly producer: { readonly name: string; readonly version: string }
  /** Strings that travel with the model; runtimes hand them out unread. */
  readonly metadata: Readonly<Record<string, string>>
}

/** The bytes of an ONNX file. The same graph always gives the same bytes. */
export function encodeOnnx(graph: OnnxGraph): Uint8Array {
  const type = root.lookupType('ModelProto')
  const model = type.fromObject({
    irVersion: 8,
    producerName: graph.producer.name,
    producerVersion: graph.producer.version,
    opsetImport: Object.entries(graph.opsets).map(([domain, version]) => ({ domain, version })),
    metadataProps: Object.entries(graph.metadata).map(([key, value]) => ({ key, value })),
    graph: graphProto(graph),
  })
  return type.encode(model).finish()
}

function graphProto({ name, nodes, constants, inputs, outputs }: OnnxBody): object {
  return {
    name,
    node: nodes.map(nodeProto),
    initializer: constants.map(tensorProto),
    input: inputs.map(valueInfoProto),
    output: outputs.map(valueInfoProto),
  }
}

function nodeProto({ domain, operator, inputs, outputs, attributes = {} }: OnnxNode) {
  const attribute = Object.entries(attributes).map(([name, value]) => {
    const [field] = Object.keys(value) as (keyof typeof ATTRIBUTE_TYPES)[]
    return { name, ...attributeValue(value), type: ATTRIBUTE_TYPES[field!] }
  })
  return {
    name: outputs[0],
    opType: operator,
    input: inputs,
    output: outputs,
    attribute,
    ...(domain === undefined ? {} : { domain }),
  }
}

function attributeValue(value: OnnxAttribute): object {
  if ('g' in value) return { g: graphProto(value.g) }
  if ('s' in value) return { s: Buffer.from(value.s) }
  if ('strings' in value) return { strings: value.strings.map(text => Buffer.from(text)) }
  if ('ints' in value) return { ints: Array.from(value.ints) }
  if ('floats' in value) return { floats: Array.from(value.floats) }
  return value
}

function tensorProto({ name, shape, value }: OnnxConstant) {
  return { name, dims: shape, dataType: DATA_TYPES[value.type], ...tensorData(value) }
}

function tensorData(value: OnnxConstant['value']): object {
  if (value.type === 'string') return { stringData: value.data.map(text => Buffer.from(text)) }
  if (value.type === 'int64') return { int64Data: Array.from(value.data) }
  if (value.type === 'float32') return { rawData: floatsToBytes(value.data) }
  if (value.type === 'bool') return { rawData: Buffer.from(Uint8Array.from(value.data)) }
  if (value.type === 'int8') return { rawData: Buffer.from(Int8Array.from(value.data).buffer) }
  const width = value.type === 'double' ? 8 : 2
  const bytes = Buffer.alloc(value.data.length * width)
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  // Raw data is little-endian whatever the machine.
  for (let i = 0; i < value.data.length; i++) {
    if (width === 8) view.setFloat64(8 * i, value.data[i]!, true)
    else view.setFloat16(2 * i, value.data[i]!, true)
  }
  return { rawData: bytes }
}

function valueInfoProto({ name, type, shape }: OnnxValue) {
  const dim = shape.map(size => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }))
  return { name, type: { tensorType: { elemType: DATA_TYPES[type], shape: { dim } } } }
}
