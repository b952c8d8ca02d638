import type { KubernetesSettings } from '../language/kubernetes/settings.ts'
import type { Faults } from './faults.ts'

/** Reports what Kubernetes would refuse of a task's settings, where types cannot: a pod that is refused never starts. */
export function checkKubernetes(settings: KubernetesSettings, task: string, faults: Faults): void {
  const where = `kubernetes() of ${task}`
  const whole = (name: string, value: number | undefined, least: number, most: number) => {
    if (value === undefined || (Number.isSafeInteger(value) && value >= least && value <= most)) return
    faults.add(where, `${name} cannot be ${value}`, `give a whole number from ${least} to ${most}`)
  }
  whole('timeout', settings.timeout, 0, Number.MAX_SAFE_INTEGER)
  whole('user', settings.securityContext?.user, 0, Number.MAX_SAFE_INTEGER)
  whole('group', settings.securityContext?.group, 0, Number.MAX_SAFE_INTEGER)
  for (const affinity of [...(settings.nodeAffinity ?? []), ...(settings.podAffinity ?? [])]) {
    if ('weight' in affinity) whole('weight', affinity.weight, 1, 100)
  }
  const mounted = [
    ...(settings.secretsAsFiles ?? []),
    ...(settings.configMapsAsFiles ?? []),
    ...(settings.volumes ?? []),
    ...(settings.ephemeralVolumes ?? []),
    ...(settings.emptyDirectories ?? []),
  ]
  for (const { path } of mounted) {
    // All that Kubernetes itself asks of a mountPath; the container's engine takes a relative one from the root.
    if (path !== '' && !path.includes(':')) continue
    faults.add(where, `"${path}" is no path to mount at`, 'give a path without colons')
  }
  for (const { name, image } of settings.initContainers ?? []) {
    // The back end adds a container of its own by this name.
    if (name === 'kfp-launcher') faults.add(where, `"${name}" is taken`, 'give the container another name')
    if (image === '') faults.add(where, `init container "${name}" has no image`, 'give its image')
  }
}
