import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadAll } from 'js-yaml'
import type { Send } from '../../core/kubernetes/send.ts'
import { send } from '../support/kubernetes/bench.ts'
import type { Json } from '../support/kubernetes/fields.ts'
import { fastKubernetes, forbidden } from '../support/kubernetes/server.ts'
import type { RealKubernetes } from './kubernetes-servers.ts'
import type { Checks } from './suite.ts'

interface Asked {
  readonly title: string
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly type?: string
}

const APPLY = 'application/apply-patch+yaml'
const DEPLOYMENTS = '/apis/apps/v1/namespaces/models/deployments'
const SERVICES = '/api/v1/namespaces/models/services'

const deployment = (more: object = {}, image = 'registry.example/a:1') => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image }] } },
    ...more,
  },
})
function moved() {
  const labels = { app: 'other' }
  const { spec } = deployment().spec.template
  return deployment({ selector: { matchLabels: labels }, template: { metadata: { labels }, spec } })
}

const service = (more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', ...more },
  spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
})
const applied = (title: string, manager: string, body: object, more = ''): Asked => ({
  title,
  method: 'PATCH',
  path: `${DEPLOYMENTS}/web?fieldManager=${manager}${more}`,
  body,
  type: APPLY,
})

/** Asked of both servers in this order. */
const ASKED: readonly Asked[] = [
  { title: 'get what is not there', method: 'GET', path: `${DEPLOYMENTS}/absent` },
  { title: 'delete what is not there', method: 'DELETE', path: `${SERVICES}/absent` },
  applied('apply creates', 'tool-a', deployment({ replicas: 2 })),
  applied('apply again', 'tool-a', deployment({ replicas: 2 })),
  applied('apply without a manager', '', deployment()),
  applied('another manager, another value', 'tool-b', deployment({ replicas: 3 })),
  applied('another manager, two other values', 'tool-b', deployment({ replicas: 3 }, 'registry.example/b:1')),
  applied('another manager, the same value', 'tool-b', deployment({ replicas: 2 })),
  applied('another manager, forced', 'tool-b', deployment({ replicas: 3 }), '&force=true'),
  applied('the first manager, after that', 'tool-a', deployment({ replicas: 2 })),
  applied('a selector that changes', 'tool-b', moved(), '&force=true'),
  applied('an unknown field', 'tool-a', deployment({ replicaz: 2 }), '&fieldValidation=Strict'),
  {
    title: 'create',
    method: 'POST',
    path: `${SERVICES}?fieldManager=pressroom&fieldValidation=Strict`,
    body: service(),
  },
  { title: 'create again', method: 'POST', path: `${SERVICES}?fieldManager=pressroom`, body: service() },
  {
    title: 'create with an unknown field',
    method: 'POST',
    path: `${DEPLOYMENTS}?fieldValidation=Strict`,
    body: { ...deployment({ replicaz: 2 }), metadata: { name: 'strict' } },
  },
  {
    title: 'apply what was created by the same manager, another value',
    method: 'PATCH',
    path: `${SERVICES}/web?fieldManager=pressroom`,
    body: { ...service(), spec: { ...service().spec, selector: { app: 'other' } } },
    type: APPLY,
  },
  {
    title: 'apply on an old resourceVersion',
    method: 'PATCH',
    path: `${SERVICES}/web?fieldManager=pressroom&force=true`,
    body: service({ resourceVersion: '1' }),
    type: APPLY,
  },
  {
    title: 'apply in a namespace that is not there',
    method: 'PATCH',
    path: '/api/v1/namespaces/nope/services/web?fieldManager=a',
    body: service(),
    type: APPLY,
  },
  { title: 'an unknown kind', method: 'GET', path: '/apis/apps/v1/namespaces/models/widgets' },
  { title: 'delete', method: 'DELETE', path: `${SERVICES}/web` },
]

/** The same requests to both servers get the same status, reason, message and causes. */
export async function checkAnswers(t: Checks, real: RealKubernetes): Promise<void> {
  await using fast = await fastKubernetes()
  for (const asked of ASKED) {
    const theirs = await answerOf(real.admin, real.url, asked)
    const ours = await answerOf(send, fast.url, asked)
    await t.check(`the fast server answers as the real one: ${asked.title}`, async () =>
      assert.deepEqual(ours, theirs),
    )
  }
  await t.check('the fast server refuses in the words of RBAC', async () => {
    fast.refuse = forbidden
    for (const asked of [
      { title: 'list', method: 'GET', path: DEPLOYMENTS },
      { title: 'create', method: 'POST', path: SERVICES, body: service() },
    ]) {
      assert.deepEqual(await answerOf(send, fast.url, asked), await answerOf(real.deployer, real.url, asked))
    }
  })
  await t.check('the Role in deploy/kubernetes lets the deployer do no more', async () => {
    for (const path of [
      '/api/v1/namespaces/plain/secrets',
      '/api/v1/namespaces/default/services',
      '/api/v1/nodes',
    ]) {
      assert.equal(
        (await answerOf(real.deployer, real.url, { title: '', method: 'GET', path })).status,
        403,
        path,
      )
    }
  })
}

/** Gives the deployer its Role in a namespace, and waits until the API server knows. */
export async function bindDeployer(
  { admin, deployer, url }: RealKubernetes,
  namespace: string,
): Promise<void> {
  const file = join(import.meta.dirname, '../../deploy/kubernetes/deployer.yaml')
  const objects = loadAll(await readFile(file, 'utf8')) as Json[]
  for (const [kind, plural] of [
    ['Role', 'roles'],
    ['RoleBinding', 'rolebindings'],
  ]) {
    const found = objects.find(each => each.kind === kind)!
    const body = { ...found, metadata: { ...(found.metadata as Json), namespace } }
    const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/${plural}`
    assert.equal((await answerOf(admin, url, { title: '', method: 'POST', path, body })).status, 201)
  }
  const path = `/api/v1/namespaces/${namespace}/services`
  for (
    let left = 100;
    (await answerOf(deployer, url, { title: '', method: 'GET', path })).status !== 200;
    left--
  ) {
    assert.ok(left > 0, 'the Role does not let the deployer list Services')
    await sleep(100)
  }
}

interface Compared {
  readonly status: number
  readonly reason?: unknown
  readonly message?: unknown
  readonly causes?: unknown
}

async function answerOf(
  by: Send,
  url: string,
  { method, path, body, type = 'application/json' }: Asked,
): Promise<Compared> {
  const answer = await by(new URL(`${url}${path}`), {
    method,
    headers: body === undefined ? {} : { 'content-type': type },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  })
  const text = await answer.text()
  const { kind, reason, message, details } = (text.startsWith('{') ? JSON.parse(text) : {}) as Json
  if (kind !== 'Status' || answer.status < 300) return { status: answer.status }
  return { status: answer.status, reason, message, causes: (details as Json | undefined)?.causes }
}
