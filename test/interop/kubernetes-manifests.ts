import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import { deploymentOf } from '../../webhook/targets/kubernetes/objects.ts'
import { settingsFor } from '../support/kubernetes/bench.ts'
import type { Json } from '../support/kubernetes/fields.ts'
import type { RealKubernetes } from './kubernetes-servers.ts'
import type { Checks } from './suite.ts'

const FOLDER = join(import.meta.dirname, '../../deploy/kubernetes')
const DEPLOYER = 'system:serviceaccount:models:pressroom-deployer'
/** The strictest of the pod security standards; the API server holds pods to it in namespaces that say so. */
const RESTRICTED = { 'pod-security.kubernetes.io/enforce': 'restricted' }

interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly spec?: { readonly template: { readonly metadata: object; readonly spec: object } }
  readonly rules?: readonly {
    readonly apiGroups: readonly string[]
    readonly resources: readonly string[]
    readonly verbs: readonly string[]
  }[]
}

interface Access {
  readonly verb: string
  readonly resource: string
  readonly group?: string
  readonly subresource?: string
  readonly namespace?: string
  readonly name?: string
}

/** What is asked of a deployer that was broken into, and must be refused. */
const REFUSED: readonly Access[] = [
  { verb: 'get', resource: 'secrets', name: 'pressroom' },
  { verb: 'get', resource: 'secrets', name: 'of-others' },
  { verb: 'list', resource: 'secrets' },
  { verb: 'get', resource: 'configmaps', name: 'pressroom-deployment' },
  { verb: 'create', resource: 'pods' },
  { verb: 'create', resource: 'pods', subresource: 'exec' },
  { verb: 'get', resource: 'pods', subresource: 'log' },
  { verb: 'get', resource: 'services', subresource: 'proxy' },
  { verb: 'deletecollection', resource: 'deployments', group: 'apps' },
  { verb: 'create', resource: 'serviceaccounts', subresource: 'token' },
  { verb: 'patch', resource: 'roles', group: 'rbac.authorization.k8s.io' },
  { verb: 'list', resource: 'services', namespace: 'default' },
  { verb: 'patch', resource: 'deployments', group: 'apps', namespace: 'default' },
  { verb: 'list', resource: 'nodes', namespace: '' },
]

/** The manifests in deploy/kubernetes as `kubectl apply` would send them, and what their service account may do. */
export async function checkManifests(t: Checks, { admin, url }: RealKubernetes): Promise<void> {
  const ask = async (
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ) => {
    const answer = await admin(new URL(`${url}${path}`), {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    })
    return { status: answer.status, body: JSON.parse(await answer.text()) as Json }
  }
  const plural = (kind: string) => (kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : `${kind}s`).toLowerCase()
  const files = await Promise.all(['deployer.yaml', 'webhook-job.yaml'].map(read))
  const [deployer = [], job = []] = files

  await t.check(
    'the manifests in deploy/kubernetes are applied, and again, with every field known',
    async () => {
      for (const expected of [201, 200]) {
        for (const object of [...deployer, ...job]) {
          const { apiVersion, kind, metadata } = object
          const group = apiVersion === 'v1' ? 'api/v1' : `apis/${apiVersion}`
          const place = `/${group}/namespaces/${metadata.namespace ?? 'models'}/${plural(kind)}/${metadata.name}`
          const { status, body } = await ask(
            'PATCH',
            `${place}?fieldManager=kubectl&fieldValidation=Strict`,
            object,
            { 'content-type': 'application/apply-patch+yaml' },
          )
          assert.equal(status, expected, `${kind}: ${body.message}`)
        }
      }
    },
  )

  await t.check(
    'their pods, and those of the models, meet the pod security standard “restricted”',
    async () => {
      await ask('POST', '/api/v1/namespaces', { metadata: { name: 'restricted', labels: RESTRICTED } })
      const version = { model: 'news', version: '1', uri: 's3://models/1', digest: '', pooled: true }
      const own = deploymentOf(settingsFor(), version, 1) as unknown as Manifest
      for (const { kind, metadata, spec } of [...deployer, ...job, own]) {
        if (kind !== 'Deployment' && kind !== 'Job') continue
        const template = spec!.template
        const pod = { ...template, metadata: { ...template.metadata, name: metadata.name } }
        const { status, body } = await ask('POST', '/api/v1/namespaces/restricted/pods?dryRun=All', pod)
        assert.equal(status, 201, `${metadata.name}: ${body.message}`)
      }
    },
  )

  /** Whether the deployer's service account may do something: the API server is asked as that account. */
  const may = async ({ namespace = 'models', ...access }: Access) => {
    const { status, body } = await ask(
      'POST',
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      { spec: { resourceAttributes: { namespace, ...access } } },
      { 'impersonate-user': DEPLOYER, 'impersonate-group': 'system:serviceaccounts:models' },
    )
    assert.equal(status, 201, JSON.stringify(body))
    return (body.status as { allowed: boolean }).allowed
  }
  await t.check('the deployer’s service account may do what its Role says', async () => {
    const { rules = [] } = deployer.find(({ kind }) => kind === 'Role')!
    for (const { apiGroups, resources, verbs } of rules) {
      for (const [group, each, verb] of product(apiGroups, resources, verbs)) {
        const [resource = '', subresource] = each.split('/')
        const access = { verb, resource, group, ...(subresource !== undefined && { subresource }) }
        assert.equal(await may(access), true, JSON.stringify(access))
      }
    }
  })
  await t.check(
    'and nothing else: no Secret of any name, no command in a pod, no other namespace',
    async () => {
      for (const access of REFUSED) assert.equal(await may(access), false, JSON.stringify(access))
    },
  )
}

async function read(name: string): Promise<Manifest[]> {
  return loadAll(await readFile(join(FOLDER, name), 'utf8')) as Manifest[]
}

function product(
  groups: readonly string[],
  resources: readonly string[],
  verbs: readonly string[],
): (readonly [group: string, resource: string, verb: string])[] {
  return groups.flatMap(group => resources.flatMap(each => verbs.map(verb => [group, each, verb] as const)))
}
