/** The contract of targets on a real API server: started by Jest, which test/interop/kubernetes.ts starts. */
import { kubernetesTarget } from '../../webhook/targets/kubernetes/index.ts'
import { settingsFor, sourceOf } from '../support/kubernetes/bench.ts'
import { testTargetContract } from '../support/target-contract.ts'

const kubeconfig = process.env.PRESSROOM_INTEROP_KUBECONFIG!

for (const [namespace, more] of [
  ['plain', {}],
  ['scaled', { minReplicas: 2, maxReplicas: 4 }],
  ['routed', { gateway: { name: 'public' } }],
] as const) {
  testTargetContract(`${namespace}:`, async () => ({
    open: () => kubernetesTarget(settingsFor({ ...more, kubeconfig, namespace }), { pollSeconds: 0.02 }),
    source: sourceOf,
    async [Symbol.asyncDispose]() {},
  }))
}
