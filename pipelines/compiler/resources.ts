import type { Component, Container, Settings } from '../language/graph.ts'
import type { ContainerSpec, ResourceSpec, RetryPolicy } from '../specification.ts'
import type { Faults } from './faults.ts'

// What the Python SDK accepts and how it counts (kfp/dsl/pipeline_task.py and kfp/compiler/compiler_utils.py of 2.17.0).
const CPU = /^(?:\d*\.)?\d+m?$/
const MEMORY = /^(\d+)([EPTGMK]i?)?$/
const STEPS = ['', 'K', 'M', 'G', 'T', 'P', 'E']

/** Seconds; the back end never waits longer between two attempts. */
const LONGEST_BACKOFF = 3600

/** Reports settings of a task that Kubeflow would refuse. */
export function checkSettings(component: Component, settings: Settings, task: string, faults: Faults): void {
  const { cpu, memory } = { ...component.resources, ...settings }
  if (cpu !== undefined && !CPU.test(cpu)) {
    faults.add(`${task}.cpu()`, `"${cpu}" is no quantity of cores`, "write '2', '0.5' or '500m'")
  }
  if (memory !== undefined && !MEMORY.test(memory)) {
    faults.add(`${task}.memory()`, `"${memory}" is no whole quantity of bytes`, "write '512Mi' or '4Gi'")
  }
  if (settings.retry !== undefined) {
    const { times, backoff } = settings.retry
    if (!Number.isSafeInteger(times) || times < 0) {
      faults.add(`${task}.retry()`, `cannot try again ${times} times`, 'give a whole number')
    }
    if (!Number.isSafeInteger(backoff) || backoff < 0 || backoff > LONGEST_BACKOFF) {
      const fix = `give whole seconds from 0 to ${LONGEST_BACKOFF}`
      faults.add(`${task}.retry()`, `cannot wait ${backoff} seconds`, fix)
    }
  }
  if (settings.cache === true && !component.cacheable) {
    const fix = 'drop cache(true)'
    faults.add(`${task}.cache()`, 'changes something outside its outputs, so it must run each time', fix)
  }
  if (settings.displayName !== undefined && settings.displayName.trim() === '') {
    faults.add(`${task}.named()`, 'was given no name', 'give the name that people shall read')
  }
}

/** The container of a task with its limits, each in both forms. */
export function containerSpec(container: Container, limits: Component['resources']): ContainerSpec {
  const { image, command, args } = container
  const { cpu, memory } = limits
  const resources: ResourceSpec = {
    ...(cpu !== undefined && { cpuLimit: cores(cpu), resourceCpuLimit: cpu }),
    ...(memory !== undefined && { memoryLimit: gigabytes(memory), resourceMemoryLimit: memory }),
  }
  return {
    image,
    ...(command !== undefined && command.length > 0 && { command }),
    ...(args !== undefined && args.length > 0 && { args }),
    ...(Object.keys(resources).length > 0 && { resources }),
  }
}

/** The SDK's policy, its defaults written out; a count of 0 is left out as proto3 leaves it. */
export function retryPolicy({ times, backoff }: NonNullable<Settings['retry']>): RetryPolicy {
  return {
    ...(times > 0 && { maxRetryCount: times }),
    backoffDuration: `${backoff}s`,
    backoffFactor: 2,
    backoffMaxDuration: `${LONGEST_BACKOFF}s`,
  }
}

function cores(cpu: string): number {
  return cpu.endsWith('m') ? Number(cpu.slice(0, -1)) / 1000 : Number(cpu)
}

function gigabytes(memory: string): number {
  const [, digits = '0', unit = ''] = MEMORY.exec(memory) ?? []
  const base = unit.endsWith('i') ? 1024 : 1000
  return (Number(digits) * base ** STEPS.indexOf(unit.charAt(0))) / 1e9
}
