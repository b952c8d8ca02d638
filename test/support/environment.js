// Jest runs tests in a realm of their own, with an Error and typed arrays of their own. Node and native
// addons make and test for those of the outer realm, so that `instanceof Error` fails on a system error and
// ONNX Runtime refuses a tensor.
import { TestEnvironment } from 'jest-environment-node'

const TYPED_ARRAYS = [
  'BigInt64Array',
  'BigUint64Array',
  'Float32Array',
  'Float64Array',
  'Int32Array',
  'Uint32Array',
]

export default class Environment extends TestEnvironment {
  constructor(...args) {
    super(...args)
    const { Error: InnerError } = this.global
    Object.defineProperty(InnerError, Symbol.hasInstance, {
      value(error) {
        return this === InnerError
          ? Error.isError(error)
          : Function.prototype[Symbol.hasInstance].call(this, error)
      },
    })
    for (const name of TYPED_ARRAYS) this.global[name] = globalThis[name]
  }
}
