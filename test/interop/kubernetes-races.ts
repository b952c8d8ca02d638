import assert from 'node:assert/strict'
import { observedModel } from '../../webhook/plan/plan.ts'
import { kubernetesTarget } from '../../webhook/targets/kubernetes/index.ts'
import type { TargetStep } from '../../webhook/targets/target.ts'
import { eventually } from '../support/eventually.ts'
import { settingsFor, sourceOf } from '../support/kubernetes/bench.ts'
import { type Ask, playControllers } from '../support/kubernetes/played-controllers.ts'
import { bindDeployer } from './kubernetes-answers.ts'
import type { RealKubernetes } from './kubernetes-servers.ts'
import type { Checks } from './suite.ts'

const ROUNDS = 10
/** Far below the ten minutes that a version may take to be ready. */
const PATIENCE_MS = 20_000

/** Two deployers that shift one model at once: none of them waits for pods that the other has changed. */
export async function checkRaces(t: Checks, server: RealKubernetes, ask: Ask): Promise<void> {
  for (const [namespace, pods, more] of [
    ['raced', 'numbers of pods', {}],
    ['raced-scaled', 'bounds of autoscalers', { minReplicas: 2, maxReplicas: 4 }],
  ] as const) {
    await ask('POST', '/api/v1/namespaces', { metadata: { name: namespace } })
    await bindDeployer(server, namespace)
    const { kubeconfig } = server
    const open = () =>
      kubernetesTarget(settingsFor({ ...more, kubeconfig, namespace }), { pollSeconds: 0.02 })
    const [first, second] = [open(), open()]
    const take = async (step: TargetStep, by: typeof first) =>
      by.apply(step, {
        observed: observedModel(await by.observe(), 'news'),
        source: step.do === 'load' ? sourceOf('news', step.version) : undefined,
        signal: AbortSignal.timeout(PATIENCE_MS),
      })
    const shift = (split: Record<string, number>, by: typeof first) =>
      take({ do: 'shift', model: 'news', split }, by)
    {
      await using _ = playControllers(ask, namespace)
      for (const version of ['1', '2']) await take({ do: 'load', model: 'news', version }, first)
      await shift({ 1: 100 }, first)
    }
    await t.check(`a shift ends when another deployer changes its pods: ${pods}`, async () => {
      // Nothing becomes ready now, so that the first one waits.
      const early = shift({ 1: 60, 2: 40 }, first)
      const conflict = assert.rejects(early, { code: 'deployment-conflict', message: /3 wanted, now 9/ })
      await eventually(async () => (await wantedPods(ask, namespace)) === 3)
      const late = shift({ 1: 90, 2: 10 }, second)
      await conflict
      await using _ = playControllers(ask, namespace)
      await late
      assert.deepEqual(observedModel(await first.observe(), 'news').traffic, { 1: 90, 2: 10 })
    })
    await t.check(`of two deployers that shift at once each comes to an end: ${pods}`, async () => {
      await using _ = playControllers(ask, namespace)
      for (let round = 0; round < ROUNDS; round++) {
        const splits = [
          { 1: 80 - round, 2: 20 + round },
          { 1: 50, 2: 50 },
        ]
        const ended = await Promise.allSettled([shift(splits[0]!, first), shift(splits[1]!, second)])
        for (const each of ended) {
          if (each.status === 'rejected') assert.equal(each.reason.code, 'deployment-conflict')
        }
        // Whoever looks again has its way.
        await shift(splits[round % 2]!, first)
        assert.deepEqual(observedModel(await second.observe(), 'news').traffic, splits[round % 2])
      }
    })
  }
}

/** How many pods the first version is to have, by its autoscaler where it has one. */
async function wantedPods(ask: Ask, namespace: string): Promise<unknown> {
  const name = 'pressroom-news-v1'
  const scaler = await ask(
    'GET',
    `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/${name}`,
  )
  const { body } =
    scaler.status === 200
      ? scaler
      : await ask('GET', `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`)
  const { replicas, maxReplicas = replicas } = body.spec as { replicas?: number; maxReplicas?: number }
  return maxReplicas
}
