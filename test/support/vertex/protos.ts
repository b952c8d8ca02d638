import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { GrpcClient, type grpc, protobuf } from 'google-gax'

const require = createRequire(import.meta.url)
const GAX = join(dirname(require.resolve('google-gax')), '..', 'protos')

/**
 * A service as published: its methods, their messages and how they travel.
 * @param of the package that has the proto
 */
export function serviceOf(
  file: string,
  name: string,
  of = '@google-cloud/aiplatform',
): grpc.ServiceDefinition {
  const protos = join(dirname(require.resolve(`${of}/package.json`)), 'build', 'protos')
  const loaded = new GrpcClient().loadProto(protos, file)
  const found = name.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], loaded)
  return (found as { readonly service: grpc.ServiceDefinition }).service
}

let root: protobuf.Root | undefined

/** Bytes of a message of google.rpc, from its published proto. */
export function encode(type: string, fields: object): Uint8Array {
  root ??= details()
  const message = root.lookupType(type)
  return message.encode(message.fromObject(fields)).finish()
}

function details(): protobuf.Root {
  const made = new protobuf.Root()
  made.resolvePath = (_, target) => join(GAX, target)
  return made.loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto'])
}
