import { createHash } from 'node:crypto'
import { request } from 'node:http'
import type { Send } from '../../../core/kubernetes/send.ts'
import { kubernetesTarget, parseKubernetesSettings } from '../../../webhook/targets/kubernetes/index.ts'
import type { VersionSource } from '../../../webhook/targets/target.ts'
import type { TargetBench } from '../target-contract.ts'
import type { Json } from './fields.ts'
import { type FastKubernetes, fastKubernetes } from './server.ts'

const IMAGE = 'registry.example/pressroom-serving:1'

export function settingsFor(more: object = {}) {
  return parseKubernetesSettings({ namespace: 'models', image: IMAGE, ...more }, {})
}

/** Plain HTTP to loopback, as a signed-in client would send it. */
export const send: Send = (url, { method, headers, body, signal }) =>
  new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, signal }, response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk)).on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: new Headers(), text: async () => text })
      })
    })
    outgoing.on('error', reject).end(body)
  })

export function sourceOf(model: string, version: string): VersionSource {
  const folder = createHash('sha256').update(model).digest('hex').slice(0, 8)
  return {
    uri: `s3://models/${folder}/${version}`,
    digest: `sha256:${folder}`,
    aliases: [],
    tags: {},
    files: () => Promise.reject(new Error('nobody needs the files here')),
  }
}

/** The service of a version answers with its name before every text. */
export function answerByVersion({ metadata }: Json, { instances }: Json): { status: number; body: unknown } {
  const { annotations } = metadata as { annotations: Record<string, string> }
  const version = annotations['pressroom.dev/model-version']
  const predictions = (instances as string[]).map(text => ({ prediction: `${version}: ${text}` }))
  return { status: 200, body: { predictions } }
}

export async function kubernetesBench(
  more: object = {},
): Promise<TargetBench & { readonly server: FastKubernetes }> {
  const server = await fastKubernetes()
  server.answer = answerByVersion
  return {
    server,
    open: () => openTarget(server.url, more),
    source: sourceOf,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

export function openTarget(server: string, more: object = {}, onNote?: (text: string) => void) {
  return kubernetesTarget(settingsFor(more), {
    connection: { server, send },
    pollSeconds: 0.001,
    pauseSeconds: 0.001,
    ...(onNote && { onNote }),
  })
}
