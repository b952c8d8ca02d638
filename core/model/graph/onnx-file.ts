import protobuf from 'protobufjs/light.js'
import { bytesOf, integersOf, stringOf, stringsOf } from './wire.ts'

/*
 * Reads what an ONNX file says of itself. Field numbers are those of onnx/onnx.proto3 (github.com/onnx/onnx).
 */
const MODEL = {
  irVersion: 1,
  producer: 2,
  producerVersion: 3,
  graph: 7,
  opsets: 8,
  metadata: 14,
  functions: 25,
}
const GRAPH = { nodes: 1, tensors: 5, outputs: 12, sparse: 15 }
const FUNCTION_NODES = 7
const NODE = { inputs: 1, outputs: 2, operator: 4, attributes: 5, domain: 7 }
const ATTRIBUTE = { name: 1, ints: 8, strings: 9, tensors: [5, 10], graphs: [6, 11], sparse: [22, 23] }
const TENSOR = { type: 2, strings: 6, ints: 7, name: 8, raw: 9, external: 13 }
const INT64 = 7n
const ENTRY = { key: 1, value: 2 }

/** Protobuf's own readers go no deeper. */
const MOST_NESTING = 50

/** One operation of the graph itself, not of a loop's or a branch's body. */
export interface FileNode {
  /** '' is the standard's own. */
  readonly domain: string
  readonly operator: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** A list of strings or of whole numbers, those written as decimals; undefined when there is none of that name. */
  list(attribute: string): readonly string[] | undefined
}

/** What an ONNX file says of itself, its weights left unread. */
export interface OnnxFile {
  readonly irVersion: number
  /** `skl2onnx 1.20.0`; '' when it does not say. */
  readonly producer: string
  /** Version of each domain's operators; the standard's own domain is `ai.onnx`. */
  readonly opsets: Readonly<Record<string, number>>
  readonly metadata: Readonly<Record<string, string>>
  readonly nodes: readonly FileNode[]
  readonly outputs: readonly string[]
  /** The strings or whole numbers of a constant, as {@link FileNode.list} has them. */
  constant(name: string): readonly string[] | undefined
  /** Files beside it that it takes weights from, as it names them. */
  readonly external: readonly string[]
}

/**
 * Reads an ONNX file as far as an import must know it.
 * @throws Error with a clause that says what is wrong
 */
export function readOnnxFile(bytes: Uint8Array): OnnxFile {
  const graph = joined(bytes, MODEL.graph)
  const [irVersion] = integersOf(bytes, MODEL.irVersion)
  if (irVersion === undefined || graph === undefined) throw new Error('it has no graph')
  const opsets = Array.from(bytesOf(bytes, MODEL.opsets), opset => {
    return [stringOf(opset, 1) || 'ai.onnx', Number(integersOf(opset, 2)[0] ?? 0)] as const
  })
  if (opsets.length === 0) throw new Error('it names no set of operators')
  const nodes = Array.from(bytesOf(graph, GRAPH.nodes), nodeOf)
  if (nodes.length === 0) throw new Error('its graph does nothing')
  const metadata = Array.from(bytesOf(bytes, MODEL.metadata), entryOf)
  const functions = Array.from(bytesOf(bytes, MODEL.functions))
  const external = [graph, ...functions].flatMap((body, i) =>
    externalOf(body, i === 0 ? GRAPH.nodes : FUNCTION_NODES),
  )
  return {
    irVersion: Number(irVersion),
    producer: [stringOf(bytes, MODEL.producer), stringOf(bytes, MODEL.producerVersion)].join(' ').trim(),
    opsets: Object.fromEntries(opsets),
    metadata: Object.fromEntries(metadata),
    nodes,
    outputs: Array.from(bytesOf(graph, GRAPH.outputs), value => stringOf(value, 1)),
    constant(name) {
      const found = Array.from(bytesOf(graph, GRAPH.tensors)).find(
        tensor => stringOf(tensor, TENSOR.name) === name,
      )
      return found && valuesOf(found)
    },
    external: [...new Set(external)],
  }
}

/**
 * The same file with one more output, a float32 tensor that the graph has inside. Protobuf joins a message that comes twice, so the file
 * itself stays as it is and a few bytes follow it.
 */
export function withOutput(bytes: Uint8Array, name: string): Uint8Array {
  const tag = (id: number) => (id << 3) | 2
  const writer = new protobuf.Writer()
  writer.uint32(tag(MODEL.graph)).fork().uint32(tag(GRAPH.outputs)).fork()
  writer.uint32(tag(1)).string(name)
  // ValueInfoProto.type, TypeProto.tensor_type, its elem_type: 1, float32.
  writer
    .uint32(tag(2))
    .fork()
    .uint32(tag(1))
    .fork()
    .uint32(1 << 3)
    .int32(1)
    .ldelim()
    .ldelim()
  return Buffer.concat([bytes, writer.ldelim().ldelim().finish()])
}

/** A message that is field `id`, its parts joined where it comes several times. */
function joined(message: Uint8Array, id: number): Uint8Array | undefined {
  const parts = [...bytesOf(message, id)]
  return parts.length < 2 ? parts[0] : Buffer.concat(parts)
}

function entryOf(entry: Uint8Array): readonly [string, string] {
  return [stringOf(entry, ENTRY.key), stringOf(entry, ENTRY.value)]
}

function nodeOf(node: Uint8Array): FileNode {
  return {
    domain: stringOf(node, NODE.domain),
    operator: stringOf(node, NODE.operator),
    inputs: stringsOf(node, NODE.inputs),
    outputs: stringsOf(node, NODE.outputs),
    list(attribute) {
      for (const found of bytesOf(node, NODE.attributes)) {
        if (stringOf(found, ATTRIBUTE.name) !== attribute) continue
        const strings = stringsOf(found, ATTRIBUTE.strings)
        return strings.length > 0 ? strings : integersOf(found, ATTRIBUTE.ints).map(String)
      }
      return undefined
    },
  }
}

function valuesOf(tensor: Uint8Array): readonly string[] {
  const strings = stringsOf(tensor, TENSOR.strings)
  if (strings.length > 0) return strings
  const [raw] = bytesOf(tensor, TENSOR.raw)
  if (raw === undefined || integersOf(tensor, TENSOR.type)[0] !== INT64) {
    return integersOf(tensor, TENSOR.ints).map(String)
  }
  // Little-endian, whatever the machine.
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
  return Array.from({ length: Math.floor(raw.length / 8) }, (_, i) => String(view.getBigInt64(8 * i, true)))
}

/** The files that the tensors of a graph or a function are in, those inside of attributes and of bodies too. */
function externalOf(body: Uint8Array, nodes = GRAPH.nodes, depth = 0): string[] {
  if (depth > MOST_NESTING) throw new Error(`it nests graphs ${MOST_NESTING} deep`)
  const attributes = Array.from(bytesOf(body, nodes)).flatMap(node => [...bytesOf(node, NODE.attributes)])
  const tensors = [
    ...(nodes === GRAPH.nodes ? tensorsOf(body, [GRAPH.tensors], [GRAPH.sparse]) : []),
    ...attributes.flatMap(attribute => tensorsOf(attribute, ATTRIBUTE.tensors, ATTRIBUTE.sparse)),
  ]
  const locations = tensors.flatMap(tensor =>
    Array.from(bytesOf(tensor, TENSOR.external), entryOf).flatMap(([key, value]) =>
      key === 'location' ? [value] : [],
    ),
  )
  const graphs = attributes.flatMap(attribute => [...bytesOf(attribute, ...ATTRIBUTE.graphs)])
  return [...locations, ...graphs.flatMap(graph => externalOf(graph, GRAPH.nodes, depth + 1))]
}

/** Tensors, and the two that a sparse one is made of. */
function tensorsOf(message: Uint8Array, whole: readonly number[], sparse: readonly number[]): Uint8Array[] {
  const parts = Array.from(bytesOf(message, ...sparse)).flatMap(tensor => [...bytesOf(tensor, 1, 2)])
  return [...bytesOf(message, ...whole), ...parts]
}
