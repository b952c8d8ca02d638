import type { OnnxAttribute, OnnxBody, OnnxConstant, OnnxNode, OnnxValue } from './protobuf.ts'

type Attributes = Readonly<Record<string, OnnxAttribute>>

/** Collects the constants and operations of a graph; what each gives gets a name that nothing else in the file has. */
export class GraphBuilder {
  readonly #constants: OnnxConstant[] = []
  readonly #nodes: OnnxNode[] = []
  /** Small constants by what they are: the same number is written once. */
  readonly #known = new Map<string, string>()
  readonly #prefix: string

  /** @param prefix of every name; a body inside of another graph needs one of its own */
  constructor(prefix = '') {
    this.#prefix = prefix
  }

  constant(shape: readonly number[], value: OnnxConstant['value']): string {
    const key =
      value.data.length <= 8
        ? JSON.stringify([shape, value.type, Array.from<unknown>(value.data)])
        : undefined
    const known = key === undefined ? undefined : this.#known.get(key)
    if (known !== undefined) return known
    const name = `${this.#prefix}constant_${this.#constants.length}`
    this.#constants.push({ name, shape, value })
    if (key !== undefined) this.#known.set(key, name)
    return name
  }

  floats(shape: readonly number[], data: ArrayLike<number>): string {
    return this.constant(shape, { type: 'float32', data })
  }

  doubles(shape: readonly number[], data: ArrayLike<number>): string {
    return this.constant(shape, { type: 'double', data })
  }

  /** A list of whole numbers, such as the axes of a reduction. */
  ints(...data: readonly number[]): string {
    return this.constant([data.length], { type: 'int64', data })
  }

  /** One whole number, of no dimension. */
  int(value: number): string {
    return this.constant([], { type: 'int64', data: [value] })
  }

  /** One string, of no dimension. */
  string(value: string): string {
    return this.constant([], { type: 'string', data: [value] })
  }

  /** An operation of one output; the output's name. */
  op(operator: string, inputs: readonly string[], attributes: Attributes = {}, domain?: string): string {
    const name = `${this.#prefix}${operator}_${this.#nodes.length}`
    this.put(operator, inputs, [name], attributes, domain)
    return name
  }

  /** An operation of one of ONNX's classical-learning operators. */
  ml(operator: string, inputs: readonly string[], attributes: Attributes): string {
    return this.op(operator, inputs, attributes, 'ai.onnx.ml')
  }

  /** An operation whose outputs have names of their own. */
  put(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Attributes = {},
    domain?: string,
  ): void {
    this.#nodes.push({ operator, inputs, outputs, attributes, ...(domain === undefined ? {} : { domain }) })
  }

  /** An operation of several outputs; their names. */
  outputs(
    operator: string,
    inputs: readonly string[],
    count: number,
    attributes: Attributes = {},
  ): readonly string[] {
    const name = `${this.#prefix}${operator}_${this.#nodes.length}`
    const names = Array.from({ length: count }, (_, i) => `${name}_${i}`)
    this.put(operator, inputs, names, attributes)
    return names
  }

  cast(input: string, to: 'float32' | 'int64' | 'bool' | 'double'): string {
    return this.op('Cast', [input], { to: { i: { float32: 1, int64: 7, bool: 9, double: 11 }[to] } })
  }

  body(name: string, inputs: readonly OnnxValue[], outputs: readonly OnnxValue[]): OnnxBody {
    return { name, inputs, outputs, constants: this.#constants, nodes: this.#nodes }
  }
}
