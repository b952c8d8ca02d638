/** A real kube-apiserver with its etcd: the target on Kubernetes against it, and the fast test server held to it. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Send } from '../../core/kubernetes/send.ts'
import type { Json } from '../support/kubernetes/fields.ts'
import { type Ask, playControllers } from '../support/kubernetes/played-controllers.ts'
import { tempFolder } from '../support/temp.ts'
import { bindDeployer, checkAnswers } from './kubernetes-answers.ts'
import { checkManifests } from './kubernetes-manifests.ts'
import { type KubernetesPrograms, kubernetesPrograms } from './kubernetes-programs.ts'
import { checkRaces } from './kubernetes-races.ts'
import { startKubernetes } from './kubernetes-servers.ts'
import type { Checks } from './suite.ts'

/** One for each way of running the contract, as kubernetes-contract.ts has them. */
const NAMESPACES = ['plain', 'scaled', 'routed']

const ROOT = join(import.meta.dirname, '../..')

export async function available(): Promise<string | undefined> {
  const found = await kubernetesPrograms()
  return 'reason' in found ? found.reason : undefined
}

export async function checks(t: Checks): Promise<void> {
  // available() has seen to it that there are some.
  const programs = (await kubernetesPrograms()) as KubernetesPrograms
  await using folder = await tempFolder()
  await using server = await startKubernetes(programs, folder.path)
  const ask = askWith(server.url, server.admin)
  for (const name of ['models', ...NAMESPACES])
    await ask('POST', '/api/v1/namespaces', { metadata: { name } })
  await ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', ROUTES)
  // What the contract does it does with the rights of the Role that ships.
  for (const name of NAMESPACES) await bindDeployer(server, name)
  {
    await using played = new AsyncDisposableStack()
    const players = NAMESPACES.map(name => played.use(playControllers(ask, name)))
    await checkContract(t, server.kubeconfig, join(folder.path, 'contract.json'))
    await t.check('the controllers were played without a fault', async () => {
      assert.deepEqual(players.flatMap(({ failures }) => failures).map(String), [])
    })
  }
  await checkRaces(t, server, ask)
  await checkAnswers(t, server)
  await checkManifests(t, server)
}

/**
 * The kind of the Gateway API without its schema: whole lists are one value there too, and what else it checks is its own
 * project's to test.
 */
const ROUTES = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: 'httproutes.gateway.networking.k8s.io',
    // Groups under k8s.io must say who approved them, or that nobody did.
    annotations: { 'api-approved.kubernetes.io': 'unapproved, for a test' },
  },
  spec: {
    group: 'gateway.networking.k8s.io',
    scope: 'Namespaced',
    names: { kind: 'HTTPRoute', plural: 'httproutes', singular: 'httproute', listKind: 'HTTPRouteList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
}

/** The contract is written for Jest, so Jest runs it; each of its tests is a check here. */
async function checkContract(t: Checks, kubeconfig: string, report: string): Promise<void> {
  const jest = join(ROOT, 'node_modules/jest/bin/jest.js')
  const args = ['--experimental-vm-modules', jest, '--json', `--outputFile=${report}`, '--testTimeout=60000']
  const one = [
    '--testPathIgnorePatterns=/node_modules/',
    '--testMatch',
    '**/test/interop/kubernetes-contract.ts',
  ]
  const env = { ...process.env, PRESSROOM_INTEROP_KUBECONFIG: kubeconfig }
  // It exits with 1 when a test fails: the report says which.
  await promisify(execFile)(process.execPath, [...args, ...one], { cwd: ROOT, env, maxBuffer: 1e8 }).catch(
    () => {},
  )
  const { testResults } = JSON.parse(await readFile(report, 'utf8')) as {
    testResults: {
      message: string
      assertionResults: { fullName: string; status: string; failureMessages: string[] }[]
    }[]
  }
  for (const { assertionResults, message } of testResults) {
    await t.check('the contract of targets can be run', async () =>
      assert.ok(assertionResults.length > 0, message),
    )
    for (const { fullName, status, failureMessages } of assertionResults) {
      await t.check(fullName, async () => assert.equal(status, 'passed', failureMessages.join('\n')))
    }
  }
}

function askWith(url: string, send: Send): Ask {
  return async (method, path, json, type = 'application/json') => {
    const answer = await send(new URL(`${url}${path}`), {
      method,
      headers: json === undefined ? {} : { 'content-type': type },
      ...(json !== undefined && { body: JSON.stringify(json) }),
      signal: AbortSignal.timeout(20_000),
    })
    const text = await answer.text()
    return { status: answer.status, body: (text.startsWith('{') ? JSON.parse(text) : { text }) as Json }
  }
}
