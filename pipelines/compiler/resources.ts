import type { Channel, Container, Retry, Settings, TaskNode } from '../language/graph.ts'
import { LONGEST_BACKOFF } from '../language/task-handle.ts'
import type { ContainerSpec, ResourceSpec, RetryPolicy } from '../specification.ts'
import { checkKubernetes } from './check-kubernetes.ts'
import type { Faults } from './faults.ts'
import { channelsIn, expand, type Template } from './values.ts'
import { textSettings } from './wiring.ts'

// What the Python SDK accepts and how it counts (kfp/dsl/pipeline_task.py and kfp/compiler/compiler_utils.py of 2.17.0).
const CPU = /^(?:\d*\.)?\d+m?$/
const MEMORY = /^(\d+)([EPTGMK]i?)?$/
const STEPS = ['', 'K', 'M', 'G', 'T', 'P', 'E']

/** Reports settings of a task that Kubeflow would refuse. */
export function checkSettings(node: TaskNode, task: string, faults: Faults): void {
  const { component, settings } = node
  checkQuantities({ ...component.resources, ...settings }, task, faults)
  if (settings.retry !== undefined) checkRetry(settings.retry, task, faults)
  checkEnv(settings.env, task, faults)
  for (const each of settings.kubernetes) checkKubernetes(each, task, faults)
  if (settings.cache === true && !component.cacheable) {
    const fix = 'drop cache(true)'
    faults.add(`${task}.cache()`, 'changes something outside its outputs, so it must run each time', fix)
  }
  if (settings.cacheKey === '')
    faults.add(`${task}.cache()`, 'was given an empty key', 'give a key, or cache(true)')
  if (settings.displayName !== undefined && settings.displayName.trim() === '') {
    faults.add(`${task}.named()`, 'was given no name', 'give the name that people shall read')
  }
  if (component.body.kind === 'container') return
  const set = textSettings(node).find(([, value]) => value !== undefined)
  if (set !== undefined || Object.keys(settings.env).length > 0 || settings.kubernetes.length > 0) {
    const what = 'is no single container, so it has no resources, image, variables or volumes'
    faults.add(task, what, 'set them on the tasks inside')
  }
}

function checkQuantities(settings: Settings, task: string, faults: Faults): void {
  const { cpu, cpuRequest, memory, memoryRequest, accelerator, image } = settings
  for (const value of [cpu, cpuRequest]) {
    if (value === undefined || isWired(value) || (typeof value === 'string' && CPU.test(value))) continue
    faults.add(`${task}.cpu()`, `${shown(value)} is no quantity of cores`, "write '2', '0.5' or '500m'")
  }
  for (const value of [memory, memoryRequest]) {
    if (value === undefined || isWired(value) || (typeof value === 'string' && MEMORY.test(value))) continue
    faults.add(`${task}.memory()`, `${shown(value)} is no whole quantity of bytes`, "write '512Mi' or '4Gi'")
  }
  const count = accelerator?.count
  if (count !== undefined && !isWired(count) && !(Number.isSafeInteger(count) && (count as number) >= 0)) {
    faults.add(`${task}.accelerator()`, `cannot take ${shown(count)} of them`, 'give a whole number')
  }
  for (const [value, setting] of [[accelerator?.type, 'accelerator'] as const, [image, 'image'] as const]) {
    if (value === undefined || isWired(value) || (typeof value === 'string' && value !== '')) continue
    faults.add(`${task}.${setting}()`, `${shown(value)} is no name`, 'give its name, or a reference to it')
  }
}

function checkRetry({ times, backoff, factor, longest }: Retry, task: string, faults: Faults): void {
  const where = `${task}.retry()`
  if (!Number.isSafeInteger(times) || times < 0) {
    faults.add(where, `cannot try again ${times} times`, 'give a whole number')
  }
  for (const seconds of [backoff, longest]) {
    if (Number.isSafeInteger(seconds) && seconds >= 0 && seconds <= LONGEST_BACKOFF) continue
    faults.add(where, `cannot wait ${seconds} seconds`, `give whole seconds from 0 to ${LONGEST_BACKOFF}`)
  }
  if (!Number.isFinite(factor) || factor < 0) {
    faults.add(where, `cannot wait ${factor} times as long`, 'give a factor such as 2')
  }
}

function checkEnv(env: Readonly<Record<string, unknown>>, task: string, faults: Faults): void {
  for (const [name, value] of Object.entries(env)) {
    const where = `${task}.env()`
    if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name)) {
      faults.add(where, `"${name}" is no name for a variable`, 'use letters, digits and _')
    }
    if (typeof value !== 'string') {
      const fix = 'give text; pass what the run brings to an input'
      faults.add(where, `"${name}" is no text known now, and no back end fills variables in`, fix)
    }
  }
}

function isWired(value: unknown): boolean {
  return channelsIn(value).length > 0
}

function shown(value: unknown): string {
  return typeof value === 'object' ? 'an object' : (JSON.stringify(value) ?? String(value))
}

/** What a task can say of its container. */
type ContainerSettings = Partial<
  Pick<Settings, 'cpu' | 'memory' | 'cpuRequest' | 'memoryRequest' | 'accelerator' | 'image' | 'env'>
>

/** Those of a task's settings that its container takes and that were set. */
export function containerSettings({ env, ...settings }: Settings): ContainerSettings {
  const { cpu, memory, cpuRequest, memoryRequest, accelerator, image } = settings
  return {
    ...(cpu !== undefined && { cpu }),
    ...(memory !== undefined && { memory }),
    ...(cpuRequest !== undefined && { cpuRequest }),
    ...(memoryRequest !== undefined && { memoryRequest }),
    ...(accelerator !== undefined && { accelerator }),
    ...(image !== undefined && { image }),
    ...(Object.keys(env).length > 0 && { env }),
  }
}

/**
 * A container as its task has it. Limits known now come in both forms, for older readers too.
 * @param settings the component's own resources, and what the task says instead; default nothing
 * @param nameOf the input of the task that a value of the run comes in by; needed where settings have such values
 */
export function containerSpec(
  container: Container,
  settings: ContainerSettings = {},
  nameOf?: (channel: Channel) => string,
): ContainerSpec {
  const { image, command, args } = container
  const text = (value: unknown) => {
    if (value === undefined) return undefined
    return typeof value === 'string' ? value : String(expand(value as Template, nameOf!))
  }
  const [cpu, memory, cpuRequest, memoryRequest] = [
    settings.cpu,
    settings.memory,
    settings.cpuRequest,
    settings.memoryRequest,
  ].map(text)
  const accelerator = settings.accelerator && acceleratorSpec(settings.accelerator, text)
  const resources: ResourceSpec = {
    ...(cpu !== undefined && { ...known('cpuLimit', cpu, cores), resourceCpuLimit: cpu }),
    ...(memory !== undefined && { ...known('memoryLimit', memory, gigabytes), resourceMemoryLimit: memory }),
    ...(cpuRequest !== undefined && {
      ...known('cpuRequest', cpuRequest, cores),
      resourceCpuRequest: cpuRequest,
    }),
    ...(memoryRequest !== undefined && {
      ...known('memoryRequest', memoryRequest, gigabytes),
      resourceMemoryRequest: memoryRequest,
    }),
    ...(accelerator && { accelerator }),
  }
  const env = Object.entries({ ...container.env, ...settings.env } as Record<string, string>)
  return {
    image: text(settings.image) ?? image,
    ...(command !== undefined && command.length > 0 && { command }),
    ...(args !== undefined && args.length > 0 && { args }),
    ...(env.length > 0 && { env: env.map(([name, value]) => ({ name, value })) }),
    ...(Object.keys(resources).length > 0 && { resources }),
  }
}

/** The older form of a quantity, when it is known now. */
function known<K extends string>(key: K, text: string, count: (text: string) => number) {
  return text.includes('{{') ? {} : ({ [key]: count(text) } as { [P in K]: number })
}

function acceleratorSpec(
  accelerator: NonNullable<Settings['accelerator']>,
  text: (value: unknown) => string | undefined,
): NonNullable<ResourceSpec['accelerator']> {
  const type = text(accelerator.type)
  const count = text(accelerator.count)
  return {
    ...(type !== undefined && { ...(!type.includes('{{') && { type }), resourceType: type }),
    ...(count !== undefined && { ...(!count.includes('{{') && { count }), resourceCount: count }),
  }
}

/** The SDK's policy, its defaults written out; a count of 0 is left out as proto3 leaves it. */
export function retryPolicy({ times, backoff, factor, longest }: Retry): RetryPolicy {
  return {
    ...(times > 0 && { maxRetryCount: times }),
    backoffDuration: `${backoff}s`,
    backoffFactor: factor,
    backoffMaxDuration: `${longest}s`,
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
