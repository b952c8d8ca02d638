import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { GrpcClient, type grpc, protobuf } from 'google-gax'

const require = createRequire(import.meta.url)
const PROTOS = {
  aiplatform: protosIn(require.resolve('@google-cloud/aiplatform/package.json')),
  run: protosIn(require.resolve('@google-cloud/run/package.json')),
}
const GAX = join(dirname(require.resolve('google-gax')), '..', 'protos')

/**
 * A service as published: its methods, their messages and how they travel.
 * @param of the package that has the proto
 */
export function serviceOf(
  file: string,
  name: string,
  of: keyof typeof PROTOS = 'aiplatform',
): grpc.ServiceDefinition {
  const loaded = new GrpcClient().loadProto(PROTOS[of], file)
  const found = name.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], loaded)
  return (found as { readonly service: grpc.ServiceDefinition }).service
}

function protosIn(manifest: string): string {
  return join(dirname(manifest), 'build', 'protos')
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
