import { hashOf } from '../../../webhook/targets/google/fitted.ts'
import type { VersionSource } from '../../../webhook/targets/target.ts'

export const IMAGE = 'europe-docker.pkg.dev/newsroom-test/images/serving:1'

/** The variables that a receiver of seed 000 has, and the targets on Google Cloud are set by. */
export const SEED = { PROJECT_ID: 'newsroom-test', LOCATION: 'europe-west4', CONTAINER_IMAGE_URI: IMAGE }

/** No test waits for a clock. */
export const QUICK = { pollSeconds: 0.001, pauseSeconds: 0.001, timeoutSeconds: 5 }

/** Versions whose files the registry keeps in a bucket of Cloud Storage. */
export function sourceIn(bucket: string) {
  return (model: string, version: string): VersionSource => ({
    uri: `${bucket}/${hashOf(model, 8)}/${version}`,
    digest: `sha256:${hashOf(`${model} ${version}`, 64)}`,
    aliases: [],
    tags: {},
    files: () => Promise.reject(new Error('nobody needs the files here')),
  })
}

/** Disposes of a bench's parts, those that ask before those that answer. */
export async function disposeOf(...parts: readonly AsyncDisposable[]): Promise<void> {
  for (const part of parts) await part[Symbol.asyncDispose]()
}
