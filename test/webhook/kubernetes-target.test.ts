import { kubernetesBench } from '../support/kubernetes/bench.ts'
import { testTargetContract } from '../support/target-contract.ts'

testTargetContract('Kubernetes, splitting by numbers of pods', () => kubernetesBench())
testTargetContract('Kubernetes with a Gateway', () => kubernetesBench({ gateway: { name: 'public', mirror: true } }))
testTargetContract('Kubernetes with autoscalers', () => kubernetesBench({ minReplicas: 2, maxReplicas: 4 }))
