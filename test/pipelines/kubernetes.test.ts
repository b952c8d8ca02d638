import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { PressroomError } from '../../core/errors.ts'
import { diagnosePod } from '../../core/kubernetes/pods.ts'
import { connectCluster } from '../../pipelines/runners/kubeflow/cluster.ts'
import { KubeflowClient } from '../../pipelines/runners/kubeflow/index.ts'
import { recorded } from '../support/kubeflow/recorded.ts'
import { kubeflowServer } from '../support/kubeflow-server.ts'
import { type KubernetesServer, kubernetesServer, refused } from '../support/kubernetes-server.ts'
import { pressroom } from '../support/pressroom.ts'
import { runAlone } from '../support/run-alone.ts'
import { tempFolder } from '../support/temp.ts'

let server: KubernetesServer
let folder: Awaited<ReturnType<typeof tempFolder>>

beforeEach(async () => {
  server = await kubernetesServer()
  folder = await tempFolder()
  server.tokens.set('good', 'ada')
  server.answer = path => (path.endsWith('/pods') ? { status: 200, body: { items: [] } } : undefined)
})

afterEach(async () => {
  await server[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** A kubeconfig of several users, each with a context of their name; `current` is the current one. */
async function kubeconfig(
  users: Readonly<Record<string, object>>,
  more: { readonly current?: string; readonly cluster?: object; readonly file?: string } = {},
): Promise<string> {
  const { current = Object.keys(users)[0], cluster = {}, file = 'config' } = more
  const path = join(folder.path, file)
  const names = Object.keys(users)
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': current,
    clusters: [
      {
        name: 'here',
        cluster: {
          server: server.url,
          'certificate-authority-data': base64(server.authority.cert),
          ...cluster,
        },
      },
    ],
    users: names.map(name => ({ name, user: users[name] })),
    contexts: names.map(name => ({ name, context: { cluster: 'here', user: name } })),
  }
  await writeFile(path, JSON.stringify(document))
  return path
}

async function failureOf(promise: Promise<unknown>): Promise<PressroomError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof PressroomError) return error
  throw new Error('no PressroomError was thrown', { cause: error })
}

/** A program that gives a token, as `gcloud` and `aws` do; it counts its calls in a file. */
async function tokenProgram(body: string): Promise<object> {
  const script = join(folder.path, 'token.cjs')
  await writeFile(script, body)
  return {
    exec: { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: [script] },
  }
}

const gives = (token: string) =>
  `console.log(JSON.stringify({ kind: 'ExecCredential', status: { token: ${token} } }))`

describe('a kubeconfig', () => {
  test('signs in by token, token file, certificate, password and program', async () => {
    const { cert, key } = server.authority.issue('grace')
    await writeFile(join(folder.path, 'token'), 'good')
    await writeFile(join(folder.path, 'cert.pem'), cert)
    await writeFile(join(folder.path, 'key.pem'), key)
    const file = await kubeconfig({
      token: { token: 'good' },
      // Names in a kubeconfig are relative to it.
      'token file': { tokenFile: 'token' },
      'certificate data': { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) },
      'certificate files': { 'client-certificate': 'cert.pem', 'client-key': 'key.pem' },
      password: { username: 'linus', password: 'hush-hush' },
      program: await tokenProgram(gives('process.env.KUBERNETES_EXEC_INFO ? "none" : "good"')),
    })
    const contexts = [
      undefined,
      'token',
      'token file',
      'certificate data',
      'certificate files',
      'password',
      'program',
    ]
    for (const context of contexts) {
      const { cluster } = await connectCluster({ kubeconfig: file, ...(context && { context }) })
      expect(await cluster.pods('7')).toEqual([])
    }
    expect(server.seen.map(({ user }) => user)).toEqual([
      'ada',
      'ada',
      'ada',
      'grace',
      'grace',
      'linus',
      'ada',
    ])
  })

  test('whose token has expired is read anew, once', async () => {
    const calls = join(folder.path, 'calls')
    const program = await tokenProgram(
      `const { appendFileSync, readFileSync } = require('node:fs'); appendFileSync(${JSON.stringify(calls)}, '.');
       ${gives(`'token-' + readFileSync(${JSON.stringify(calls)}).length`)}`,
    )
    const file = await kubeconfig({ program })
    const { cluster } = await connectCluster({ kubeconfig: file })
    server.tokens.set('token-1', 'ada')
    await cluster.pods('7')
    server.tokens.delete('token-1')
    server.tokens.set('token-2', 'ada')
    await cluster.pods('7')
    expect(server.seen.map(({ user }) => user)).toEqual(['ada', undefined, 'ada'])
    server.tokens.clear()
    expect(await failureOf(cluster.pods('7'))).toMatchObject({
      code: 'not-signed-in',
      what: 'Kubernetes does not know who asks',
      fix: expect.stringContaining('sign in again'),
    })
    expect(server.seen).toHaveLength(5)
  })

  test.each<[string, () => Promise<object>, string, string]>([
    [
      'fails',
      () => tokenProgram('console.error("reauthentication is needed\\n at x"); process.exit(1)'),
      'reauthentication is needed',
      'kubectl --context ada get pods',
    ],
    ['says nothing', () => tokenProgram('process.exit(1)'), 'ended without a word', ''],
    [
      'gives no JSON',
      () => tokenProgram('console.log("hush-hush")'),
      'what its program prints is no ExecCredential',
      '',
    ],
    ['is not there', async () => ({ exec: { command: '/none/gcloud' } }), '/none/gcloud', ''],
    ['is a token file that is not there', async () => ({ tokenFile: 'none' }), 'no such file', ''],
  ])('whose way to sign in %s is told at once', async (_, user, where, fix) => {
    const { cluster } = await connectCluster({ kubeconfig: await kubeconfig({ ada: await user() }) })
    const error = await failureOf(cluster.pods('7'))
    expect(error).toMatchObject({
      code: 'not-signed-in',
      what: 'the kubeconfig\'s user "ada" cannot sign in',
    })
    expect(error.where).toContain(where)
    expect(error.fix).toContain(fix)
    expect(error.message).not.toContain('hush')
    expect(server.seen).toEqual([])
  })

  test('of an authority that did not sign the server is refused at once', async () => {
    const other = (await kubernetesServer()) as KubernetesServer
    await using _ = other
    const file = await kubeconfig(
      { ada: { token: 'good' } },
      { cluster: { 'certificate-authority-data': base64(other.authority.cert) } },
    )
    const { cluster } = await connectCluster({ kubeconfig: file })
    expect(await failureOf(cluster.pods('7'))).toMatchObject({
      code: 'server-unreachable',
      what: expect.stringContaining('is not trusted'),
    })
  })

  test.each<[string, () => Promise<{ kubeconfig: string; context?: string }>, string, string]>([
    ['is not there', async () => ({ kubeconfig: join(folder.path, 'none') }), 'not-readable', 'no such file'],
    [
      'is no YAML',
      async () => {
        const kubeconfig = join(folder.path, 'bad')
        await writeFile(kubeconfig, '{"a": [')
        return { kubeconfig }
      },
      'not-readable',
      'cannot read the kubeconfig',
    ],
    [
      'has no such context',
      async () => ({ kubeconfig: await kubeconfig({ ada: {} }), context: 'ade' }),
      'invalid-setting',
      'did you mean "ada"?',
    ],
    [
      'has no current context',
      async () => ({ kubeconfig: await kubeconfig({ ada: {} }, { current: '' }) }),
      'invalid-setting',
      'its context is not set',
    ],
    [
      'leads over plain http',
      async () => ({
        kubeconfig: await kubeconfig({ ada: {} }, { cluster: { server: 'http://127.0.0.1:1' } }),
      }),
      'invalid-setting',
      'insecure-skip-tls-verify',
    ],
  ])('that %s is told', async (_, settings, code, part) => {
    const error = await failureOf(connectCluster(await settings()))
    expect(error.code).toBe(code)
    expect(error.message).toContain(part)
  })

  test('may allow plain http', async () => {
    await using plain = await kubernetesServer({ plain: true })
    plain.tokens.set('good', 'ada')
    plain.answer = server.answer
    const file = await kubeconfig(
      { ada: { token: 'good' } },
      { cluster: { server: plain.url, 'insecure-skip-tls-verify': true } },
    )
    expect(await (await connectCluster({ kubeconfig: file })).cluster.pods('7')).toEqual([])
    expect(plain.seen[0]?.user).toBe('ada')
  })

  test('leads to Kubeflow without an endpoint, user id and all', async () => {
    await using kubeflow = await kubeflowServer()
    server.service = kubeflow.url
    const kubeconfigFile = await kubeconfig({ ada: { token: 'good' } })
    const args = ['--kubeconfig', kubeconfigFile, '--user', 'ada@newsroom.example']
    const result = await pressroom(folder.path, ['kubeflow', 'runs', ...args], { KF_PIPELINES_ENDPOINT: '' })
    expect(result).toMatchObject({ status: 0, stdout: 'no runs\n' })
    expect(kubeflow.seen[0]).toMatchObject({
      path: '/apis/v2beta1/runs',
      headers: { 'kubeflow-userid': 'ada@newsroom.example' },
    })
    // Half an answer of Kubeflow's is half an answer through Kubernetes too.
    const { endpoint, send } = await connectCluster({ kubeconfig: kubeconfigFile })
    const client = new KubeflowClient({ endpoint, send, attempts: 2, pauseSeconds: 0.001 })
    kubeflow.fault = () => 'half'
    expect(await failureOf(client.health())).toMatchObject({ code: 'server-unreachable' })
    let first = true
    kubeflow.fault = () => {
      const fault = first ? ('half' as const) : undefined
      first = false
      return fault
    }
    expect(await client.health()).toEqual({ version: 'unknown', multiUser: false })
  }, 20_000)

  test('needs a package that most do without', async () => {
    const script = `
      const { connectCluster } = await import('./pipelines/runners/kubeflow/index.ts')
      const { code, fix } = await connectCluster({}).catch(error => error)
      console.log(JSON.stringify({ asked, code, fix }))`
    expect(await runAlone(script, '@kubernetes/client-node')).toMatchObject({
      code: 'package-missing',
      fix: 'npm install @kubernetes/client-node',
    })
    const { asked } = (await runAlone(script.replace('connectCluster({})', 'Promise.reject({})'))) as {
      asked: string[]
    }
    expect(asked).not.toContain('@kubernetes/client-node')
  })

  test('that is nowhere is told', async () => {
    const env = { KF_PIPELINES_ENDPOINT: '', KUBECONFIG: '', HOME: folder.path }
    const result = await pressroom(folder.path, ['kubeflow', 'runs', '--kubeconfig', 'default'], env)
    expect(result).toMatchObject({ status: 1, stderr: expect.stringContaining('there is no kubeconfig') })
  }, 20_000)
})

describe('the cluster', () => {
  interface Exchange {
    readonly name: string
    readonly status: number
    readonly responseBody: unknown
  }
  const exchanges = recorded<Exchange[]>('kubernetes-recorded/api.json')
  const pods = recorded<{ case: string; pod: { metadata: { name: string } } }[]>(
    'kubernetes-recorded/pods.json',
  )
  const events = recorded<{ object: string }[]>('kubernetes-recorded/events.json')
  const open = async () =>
    (await connectCluster({ kubeconfig: await kubeconfig({ ada: { token: 'good' } }), namespace: 'ml-demo' }))
      .cluster

  test('says what keeps pods from being made at all', async () => {
    const message =
      'pods "p" is forbidden: exceeded quota: q, requested: pods=1, used: pods=3, limited: pods=3'
    const nodes = {
      a: { displayName: 'train', phase: 'Pending', message },
      b: { displayName: 'ingest', phase: 'Running' },
      c: { displayName: 'score', phase: 'Pending', message: 'Unschedulable: 0/1 nodes are available' },
      d: {
        displayName: 'judge',
        phase: 'Pending',
        message: 'admission webhook "policy" denied the request: no',
      },
    }
    server.answer = path =>
      path === '/apis/argoproj.io/v1alpha1/namespaces/ml-demo/workflows'
        ? { status: 200, body: { items: [{ status: { nodes } }, {}] } }
        : undefined
    const waits = await (await open()).waits('7')
    expect(waits.map(({ pod, fix }) => [pod, fix])).toEqual([
      ['train', 'free or raise the quota of the namespace, or ask for less'],
      ['judge', "correct the task's settings, or what the cluster admits"],
    ])
    server.answer = () => refused(403, 'Forbidden', 'workflows.argoproj.io is forbidden')
    expect(await (await open()).waits('7')).toEqual([])
  })

  test('lists pods over pages, from the start again when a page has expired', async () => {
    const pod = (name: string) => ({ metadata: { name }, status: { phase: 'Pending' } })
    let expired = false
    server.answer = (_, query) => {
      const page = query.get('continue')
      if (page === null) return { status: 200, body: { items: [pod('a')], metadata: { continue: 'two' } } }
      if (expired) return { status: 200, body: { items: [pod('b')], metadata: {} } }
      expired = true
      return refused(410, 'Expired', 'The provided continue parameter is too old')
    }
    expect((await (await open()).pods('7')).map(({ metadata }) => metadata.name)).toEqual(['a', 'b'])
    expect(server.seen.map(({ query }) => query.get('continue'))).toEqual([null, 'two', null, 'two'])
  })

  if (exchanges === undefined || pods === undefined || events === undefined) {
    return test.skip('answers as recorded: the recordings are not here', () => {})
  }
  const exchange = (name: string) => {
    const { status, responseBody } = exchanges.find(each => each.name === name) as Exchange
    return { status, body: responseBody }
  }

  test('is read as recorded: pods with their events, and what each waits for', async () => {
    server.answer = (path, query) => {
      if (path === '/api/v1/namespaces/ml-demo/pods') {
        return { status: 200, body: { kind: 'PodList', metadata: {}, items: pods.map(({ pod }) => pod) } }
      }
      const name = query.get('fieldSelector')?.replace('involvedObject.name=', '')
      return { status: 200, body: { items: events.filter(({ object }) => object === `Pod/${name}`) } }
    }
    const cluster = await open()
    const found = await cluster.pods('7')
    expect(server.seen[0]?.query.get('labelSelector')).toBe('pipeline/runid=7')
    expect(found).toHaveLength(pods.length)
    const name = pods.find(({ case: each }) => each === 'secret of a volume is missing')?.pod.metadata.name
    const pod = found.find(({ metadata }) => metadata.name === name)
    expect(pod && diagnosePod(pod, await cluster.events(pod.metadata.name))?.fix).toContain(
      'create the secret "absent"',
    )
  })

  test('that forbids a look says what to allow', async () => {
    server.answer = () => exchange('forbidden: list pods')
    const error = await failureOf((await open()).pods('7'))
    expect(error).toMatchObject({
      code: 'not-signed-in',
      where: expect.stringContaining('cannot list resource "pods"'),
      fix: 'let it get and list pods, pods/log and events in the namespace "ml-demo"',
    })
  })

  test.each([
    ['log of a pod that is not there'],
    ['log of an unknown container'],
    ['previous log that does not exist'],
  ])('%s is no log', async name => {
    server.answer = () => exchange(name)
    expect(await (await open()).log('web')).toBeUndefined()
  })

  test('gives the log of a pod, as text', async () => {
    server.answer = path =>
      path === '/api/v1/namespaces/ml-demo/pods/web/log' ? { status: 200, body: 'one\ntwo\n' } : undefined
    expect(await (await open()).log('web')).toBe('one\ntwo\n')
    expect(server.seen[0]?.query.get('container')).toBe('main')
  })
})
