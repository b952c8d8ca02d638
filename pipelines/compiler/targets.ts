import type { Json } from '../../components/definition/index.ts'
import { startsStage } from '../../components/image.ts'
import type { ComponentSpec, ContainerSpec, PipelineSpec, TaskSpec } from '../specification.ts'
import type { Documents } from './emit.ts'
import { leftOff } from './fill-defaults.ts'
import { remembered } from './remembered.ts'

/** Where a pipeline can be made to run. */
export type Target = 'kubeflow' | 'vertex'

/** Something that is expressible and yet does not work everywhere. */
export interface Warning {
  /** Task, executor or setting. */
  readonly where: string
  /** Where it fails, or does nothing. */
  readonly targets: readonly Target[]
  /** Whether it makes a run fail there, so that compiling for the target refuses it; else it is only told. */
  readonly fatal: boolean
  readonly what: string
  readonly fix: string
}

type Found = readonly [targets: readonly Target[], what: string, fix: string, effect?: 'nothing']

const KUBEFLOW = ['kubeflow'] as const
const VERTEX = ['vertex'] as const

/**
 * What was seen to fail in a run of the open-source back end 2.17.0, or cannot be said to Vertex AI. None of it is seen
 * when the file is uploaded.
 */
export function findLimits({ spec, platform }: Documents): readonly Warning[] {
  const warnings: Warning[] = []
  const add = (where: string, found: readonly Found[]) => {
    for (const [targets, what, fix, effect] of found) {
      warnings.push({ where, targets, what, fix, fatal: effect !== 'nothing' })
    }
  }
  for (const component of [spec.root, ...Object.values(spec.components ?? {})]) {
    if (component.dag?.tasks === undefined) continue
    const dag = new DagLimits(component, spec)
    for (const [name, task] of Object.entries(component.dag.tasks)) add(name, dag.limitsOf(task))
  }
  // Tasks of one component share their container.
  const limitsOf = remembered(containerLimits)
  for (const [label, { container }] of Object.entries(spec.deploymentSpec?.executors ?? {})) {
    if (container !== undefined) add(label, limitsOf(container))
  }
  const kubernetes = platform?.platforms.kubernetes
  for (const [label, config] of Object.entries(kubernetes?.deploymentSpec?.executors ?? {})) {
    add(`kubernetes() of ${label}`, executorLimits(config))
  }
  if (kubernetes?.pipelineConfig !== undefined)
    add(spec.pipelineInfo.name, configLimits(kubernetes.pipelineConfig))
  return warnings
}

/** The limits of the tasks of one DAG. */
class DagLimits {
  readonly #spec: PipelineSpec
  /** Inputs that may be absent in a run. */
  readonly #optional: ReadonlySet<string>

  constructor(component: ComponentSpec, spec: PipelineSpec) {
    this.#spec = spec
    this.#optional = new Set(
      Object.entries(component.inputDefinitions?.parameters ?? {}).flatMap(([name, input]) => {
        return input.isOptional && input.defaultValue === undefined ? [name] : []
      }),
    )
  }

  limitsOf(task: TaskSpec): readonly Found[] {
    return [...this.#loop(task), ...this.#values(task), ...this.#importer(task), ...retry(task, this.#spec)]
  }

  #loop({ artifactIterator, parameterIterator, inputs }: TaskSpec): readonly Found[] {
    if (artifactIterator !== undefined) {
      return [[KUBEFLOW, 'goes over a list of artifacts', 'pass the whole list to one task']]
    }
    const items = parameterIterator?.items
    if (items === undefined || 'raw' in items) return []
    const list = inputs?.parameters?.[items.inputParameter]
    return list?.parameterExpressionSelector === undefined
      ? []
      : [[KUBEFLOW, 'goes over a part of a value', 'let a task put that part out as a list']]
  }

  #values(task: TaskSpec): readonly Found[] {
    const found: Found[] = leftOff(task, this.#spec).map(name => [
      KUBEFLOW,
      `has "${name}" in its command line and is not given it`,
      'give it a value, or take it up with ifPresent(); a default is written out for the target kubeflow',
    ])
    const parameters = Object.entries(task.inputs?.parameters ?? {})
    for (const [name, value] of parameters) {
      if ('runtimeValue' in value) found.push(...constantLimits(name, value.runtimeValue.constant))
      if (!('componentInputParameter' in value) || !this.#optional.has(value.componentInputParameter))
        continue
      const asked = task.triggerPolicy?.condition?.includes(`'${name}'`)
      const part = this.#spec.components?.[task.componentRef.name]?.dag === undefined
      if (asked || (name.startsWith('pipelinechannel--') && part)) {
        const what = `needs "${value.componentInputParameter}", which may be left out`
        found.push([KUBEFLOW, what, 'give the input a default'])
      }
    }
    const waits = task.triggerPolicy?.strategy === 'ALL_UPSTREAM_TASKS_COMPLETED'
    const failing = parameters.find(([, value]) => 'taskOutputParameter' in value)
    if (waits && failing !== undefined) {
      const what = `takes "${failing[0]}" of a task that may have failed: the run fails with it`
      found.push([KUBEFLOW, what, 'wait with after() and use nothing of it'])
    }
    return found
  }

  #importer(task: TaskSpec): readonly Found[] {
    const label = this.#spec.components?.[task.componentRef.name]?.executorLabel ?? ''
    const importer = this.#spec.deploymentSpec?.executors[label]?.importer
    if (importer === undefined) return []
    const uri = task.inputs?.parameters?.uri
    if (uri !== undefined && 'taskOutputParameter' in uri) {
      return [
        [KUBEFLOW, 'imports from where another task says', 'take the address as an input of the pipeline'],
      ]
    }
    const found: Found[] = []
    const text = 'constant' in importer.artifactUri ? importer.artifactUri.constant : ''
    if (/^https?:/.test(text)) {
      found.push([KUBEFLOW, 'imports over HTTP', 'copy it to a bucket, and import it from there'])
    }
    if (JSON.stringify(importer.metadata ?? {}).includes('{{$.')) {
      const what = 'gives an imported artifact metadata from inputs, which stay placeholders'
      found.push([KUBEFLOW, what, 'write the metadata out, or let a task set it'])
    }
    return found
  }
}

/** KFP's Argo is set to `retryPolicy: OnError`: lost and evicted pods are tried again, failed containers are not. */
function retry({ retryPolicy, componentRef }: TaskSpec, spec: PipelineSpec): readonly Found[] {
  if (!retryPolicy?.maxRetryCount) return []
  const { backoffFactor = 2 } = retryPolicy
  if (!Number.isInteger(backoffFactor)) {
    return [[KUBEFLOW, `waits ${backoffFactor} times as long each time`, 'give a whole factor']]
  }
  const { dag, executorLabel = '' } = spec.components?.[componentRef.name] ?? {}
  const container = spec.deploymentSpec?.executors[executorLabel]?.container
  const what =
    dag !== undefined
      ? 'tries a whole pipeline again, which the open-source back end does not do'
      : 'tries a container again, which the open-source back end does for lost pods, not for one that ends with an error'
  // Our stages try again by themselves what is worth it.
  if (dag === undefined && (container === undefined || startsStage(container))) return []
  return [[KUBEFLOW, what, dag === undefined ? 'let its program try again' : 'retry its tasks', 'nothing']]
}

function constantLimits(name: string, constant: Json): readonly Found[] {
  const text = typeof constant === 'string' ? constant : JSON.stringify(constant)
  const found: Found[] = []
  if (text.includes('{{$.workspace_path}}')) {
    found.push([VERTEX, `takes the path of a workspace as "${name}"`, 'use an artifact'])
  }
  if (text.includes('{{$.pipeline_root}}')) {
    found.push([KUBEFLOW, `takes the pipeline's root as "${name}"`, 'make it an input of the pipeline'])
  } else if (/\{\{\$\.pipeline_(job|task)_\w+\}\}/.test(text) && !/^\{\{\$\.\w+\}\}$/.test(text)) {
    const what = `puts what is known of the run into other text, "${name}"`
    found.push([KUBEFLOW, what, 'make it the whole of an input, and join the texts in the task'])
  }
  return found
}

function containerLimits({ image, command = [], args = [] }: ContainerSpec): readonly Found[] {
  const found: Found[] = []
  // The open-source back end knows these by their image, makes or deletes a volume, and starts nothing.
  if (image.startsWith('argostub/')) {
    found.push([VERTEX, 'makes or deletes a Kubernetes volume', 'use an artifact'])
  } else if (command.length === 0) {
    const what = 'has no command, and an image says its own to Vertex AI alone'
    found.push([KUBEFLOW, what, 'give the command'])
  }
  for (const text of [...command, ...args]) {
    if (!text.includes('{')) continue
    if (text.includes('"Concat": [')) {
      found.push([KUBEFLOW, 'has text put together by concat()', 'write the text as one template string'])
    }
    if (/\.metadata(\['[^']*'\])?\}\}/.test(text)) {
      found.push([KUBEFLOW, "takes an artifact's metadata as an argument", 'read it from {{$}}'])
    }
    if (/\{\{\$\.(inputs|outputs)\.artifacts\['[^']*'\]\}\}/.test(text)) {
      found.push([KUBEFLOW, 'takes a list of artifacts as an argument', 'read it from {{$}}'])
    }
    if (/\{\{\$\.(pipeline|workspace)_\w+\}\}/.test(text)) {
      found.push([KUBEFLOW, 'takes what is known of the run as an argument', 'pass it to an input'])
    }
    if (text.startsWith('{"IfPresent"') && (/.\{"IfPresent"/.test(text) || text.includes('.artifacts['))) {
      found.push([KUBEFLOW, 'has ifPresent() of artifacts, or one in another', 'read it from {{$}}'])
    }
  }
  return found
}

const SECOND = 'is set for Kubernetes alone: Vertex AI reads one document'

function executorLimits(config: Readonly<Record<string, Json>>): readonly Found[] {
  const found: Found[] = [[VERTEX, SECOND, 'drop it for Vertex AI']]
  for (const toleration of asObjects(config.tolerations)) {
    if (toleration.tolerationSeconds === undefined || toleration.effect === 'NoExecute') continue
    found.push([KUBEFLOW, 'bears a taint for some seconds that evicts nothing', "set effect: 'NoExecute'"])
  }
  return found
}

function configLimits(config: Readonly<Record<string, Json>>): readonly Found[] {
  const found: Found[] = [[VERTEX, SECOND, 'drop workspace, timeToLive and deadline for Vertex AI']]
  const { workspace } = config as { workspace?: { kubernetes?: { pvcSpecPatch?: Record<string, Json> } } }
  const claim = workspace?.kubernetes?.pvcSpecPatch
  if (workspace !== undefined && !(claim?.storageClassName && claim.accessModes)) {
    const what = 'has a workspace without storage class and access modes'
    found.push([KUBEFLOW, what, 'give storageClassName and accessModes in its claim'])
  }
  return found
}

function asObjects(value: Json | undefined): readonly Readonly<Record<string, Json>>[] {
  return Array.isArray(value) ? value : []
}

/** What does not work on a target, of all that {@link findLimits} finds. */
export function limitsOn(documents: Documents, target: Target): readonly Warning[] {
  return findLimits(documents).filter(({ targets }) => targets.includes(target))
}
