/** The deployer's image in a real Docker engine: what it is made of, and deployments by it from the event to the end. */
import assert from 'node:assert/strict'
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { median } from '../../bench/figures.ts'
import { type ClassicScene, classicScene } from '../support/classic-receiver.ts'
import { cloudRunServer } from '../support/cloud-run-server.ts'
import { eventually } from '../support/eventually.ts'
import { fastKubernetes } from '../support/kubernetes/server.ts'
import { tempFolder } from '../support/temp.ts'
import { IMAGE as SERVING } from '../support/vertex/bench.ts'
import { importBase } from './docker/base.ts'
import { answered, coldStart, createDeployer, DEPLOYER } from './docker/deployer.ts'
import { type DockerEngine, engineFiles, startEngine } from './docker/engine.ts'
import { buildImage, requireSlim } from './docker/image.ts'
import { ROOT } from './docker/run-here.ts'
import type { Checks } from './suite.ts'

const CONTAINERFILE = 'webhook/Containerfile'
/** What it may add to its base: with the whole packages of its clients it was 104. */
const MOST_MEGABYTES = 12
const TOKEN = 'a-token-of-operators'
const COLD_STARTS = 7

export { available } from './docker/engine.ts'

export async function checks(t: Checks): Promise<void> {
  // available() has seen to it that they are there.
  const { root } = (await engineFiles()) as { root: string }
  await using engine = await startEngine(root)
  await importBase(engine)
  await buildImage(engine, CONTAINERFILE, DEPLOYER)
  await using scene = await classicScene()
  await scene.promote(1)

  await t.check('the image: small, not root, the same layers when it is built again', () =>
    requireSlim(engine, CONTAINERFILE, DEPLOYER, MOST_MEGABYTES),
  )
  await t.check('nothing of this machine and no secret in it', () => contents(engine))
  await t.check('an event, and the version has all traffic on Vertex AI', () => vertex(engine, scene))
  await t.check('it deploys to Cloud Run', () => cloudRun(engine, scene))
  await t.check('it deploys to Kubernetes', () => kubernetes(engine, scene))
  await t.check('wrong settings end it with status 1, and are told without a secret', () => wrong(engine))
  const starts: number[] = []
  await t.check('an event that starts a container is answered', async () => {
    for (let i = 0; i < COLD_STARTS; i++) starts.push(await coldStart(engine, scene))
  })
  console.log(
    `  from the start of its process to the first 202: ${median(starts)} ms (median of ${starts.join(', ')})`,
  )
}

async function contents(engine: DockerEngine): Promise<void> {
  const [{ Config }] = JSON.parse(await engine.docker('inspect', DEPLOYER))
  const names = Config.Env.map((each: string) => each.split('=', 1).join()).toSorted()
  assert.deepEqual(names, ['NODE_DISABLE_COMPILE_CACHE', 'NODE_ENV', 'PATH', 'PORT', 'PRESSROOM_CACHE'])
  const tree = join(ROOT, 'build/deployer')
  for (const file of await readdir(tree, { recursive: true, withFileTypes: true })) {
    if (file.isDirectory()) continue
    assert.match(file.name, /\.(js|json|txt)$/)
    const text = await readFile(join(file.parentPath, file.name), 'utf8')
    assert.ok(
      !text.includes(ROOT) && !/_authToken|BEGIN [A-Z ]*PRIVATE KEY-----\\n[A-Za-z0-9]/.test(text),
      file.name,
    )
  }
}

async function vertex(engine: DockerEngine, scene: ClassicScene): Promise<void> {
  await using container = await createDeployer(engine, { ...scene.variables, ...scene.places })
  await engine.docker('start', container.id)
  await answered(container, scene)
  await eventually(
    () => scene.traffic()?.[1] === 100,
    () => JSON.stringify(scene.traffic()),
  )
  const { Pid } = await container.state()
  const status = await readFile(`/proc/${Pid}/status`, 'utf8')
  assert.match(status, /^Uid:\t1000\t1000\t1000\t1000$/m)
  assert.match(status, /^CapEff:\t0+$/m)
  assert.match(status, /^NoNewPrivs:\t1$/m)
  assert.equal(await engine.docker('diff', container.id), '')
  await eventually(
    async () => JSON.parse(await engine.docker('inspect', container.id))[0].State.Health.Status === 'healthy',
  )
  await engine.docker('stop', '--time', '10', container.id)
  assert.equal((await container.state()).ExitCode, 0)
  const { text, lines } = await container.printed()
  assert.equal(lines.at(-1)?.message, 'stopping')
  assert.deepEqual(
    lines.filter(({ severity }) => severity === 'ERROR'),
    [],
  )
  assert.ok(!text.includes(scene.variables.MLFLOW_WEBHOOK_SECRET!))
}

async function cloudRun(engine: DockerEngine, scene: ClassicScene): Promise<void> {
  await using server = await cloudRunServer()
  server.operations.looks = 0
  server.run.labelOf = (_, text) => scene.label(text)
  const { project, location } = server.home
  const target = {
    kind: 'cloud-run',
    project,
    location,
    image: SERVING,
    apiEndpoint: server.endpoint,
    pollSeconds: 1,
  }
  await deploy(engine, scene, target)
  assert.deepEqual(
    [...server.run.services.values()][0]?.trafficStatuses.map(({ tag, percent }) => [tag, percent]),
    [['v-1', 100]],
  )
}

async function kubernetes(engine: DockerEngine, scene: ClassicScene): Promise<void> {
  await using server = await fastKubernetes()
  server.answer = (_, { instances }) => ({
    status: 200,
    body: { predictions: (instances as string[]).map(text => ({ prediction: scene.label(text) })) },
  })
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    clusters: [{ name: 'here', cluster: { server: server.url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'here', user: { token: 'of-nobody' } }],
    contexts: [{ name: 'here', context: { cluster: 'here', user: 'here' } }],
  }
  const target = {
    kind: 'kubernetes',
    namespace: 'models',
    image: SERVING,
    kubeconfig: '/etc/pressroom/kubeconfig',
  }
  await deploy(engine, scene, target, { kubeconfig: JSON.stringify(kubeconfig) })
  const { annotations } = server.store.find('services', 'pressroom-news-topics')!.object.metadata as {
    annotations: object
  }
  assert.deepEqual(Object.entries(annotations).find(([name]) => name.endsWith('/traffic'))?.[1], '{"1":100}')
}

/** One reconciliation by a deployment file that is mounted, throttled so that nothing else happens. */
async function deploy(
  engine: DockerEngine,
  scene: ClassicScene,
  target: object,
  files: Readonly<Record<string, string>> = {},
): Promise<void> {
  await using folder = await tempFolder()
  await chmod(folder.path, 0o755)
  for (const [name, text] of Object.entries({ ...files, 'deployment.yaml': JSON.stringify({ target }) }))
    await writeFile(join(folder.path, name), text)
  const { MLFLOW_WEBHOOK_SECRET, MLFLOW_TRACKING_URI } = scene.variables as Record<string, string>
  const variables = {
    ...{ MLFLOW_WEBHOOK_SECRET: MLFLOW_WEBHOOK_SECRET!, MLFLOW_TRACKING_URI: MLFLOW_TRACKING_URI! },
    ...{ PRESSROOM_DEPLOYMENT: '/etc/pressroom/deployment.yaml', PRESSROOM_OPERATOR_TOKEN: TOKEN },
    ...{ PRESSROOM_THROTTLED: 'true', ...scene.places },
  }
  await using container = await createDeployer(
    engine,
    variables,
    '--volume',
    `${folder.path}:/etc/pressroom:ro`,
  )
  await engine.docker('start', container.id)
  await answered(container, scene)
  const headers = { authorization: `Bearer ${TOKEN}` }
  const answer = await fetch(`${container.url}/reconcile`, { method: 'POST', headers })
  assert.deepEqual(await answer.json(), { outcome: 'done', failures: [] })
  const { text } = await container.printed()
  assert.ok(!text.includes(TOKEN) && !text.includes(variables.MLFLOW_WEBHOOK_SECRET))
}

async function wrong(engine: DockerEngine): Promise<void> {
  await using container = await createDeployer(engine, { MLFLOW_WEBHOOK_SECRET: 'hidden ', PROJECT_ID: 'p' })
  await engine.docker('start', '--attach', container.id).catch(() => {})
  assert.equal((await container.state()).ExitCode, 1)
  const { text, lines } = await container.printed()
  assert.match(lines.at(-1)?.message ?? '', /PROJECT_ID needs/)
  assert.ok(!text.includes('hidden'))
}
