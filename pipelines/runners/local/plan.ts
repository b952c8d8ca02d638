import type { AnyStage } from '../../../components/definition/index.ts'
import { stageOfContainer } from '../../../components/image.ts'
import { PressroomError } from '../../../core/errors.ts'
import { shorten } from '../../../core/report/shorten.ts'
import type { ComponentSpec, PipelineSpec, TaskSpec } from '../../specification.ts'
import { orderTasks } from '../../task-graph.ts'
import { faultsOfTask } from './check-task.ts'
import { faultOfImage } from './engine.ts'
import { faultOfUri } from './importer-work.ts'

/** A task with an executor, wherever it stands. */
export interface PlannedTask {
  readonly task: string
  readonly name: string
  /** Who runs it: a stage of ours, an image, or `importer`. */
  readonly stage: string
}

const NO_ENGINE =
  'start docker or podman, which run other images; a command that a file names never runs outside a container'

/** Outputs become files of their name. */
const FILE_NAME = /^[A-Za-z0-9_-][A-Za-z0-9_. -]*$/

type Stages = ReadonlyMap<string, AnyStage>

/**
 * Says which tasks a specification holds, in an order they can run in, after making sure that all of it can run here.
 * @param engine whether there is a container engine
 * @throws PressroomError `invalid-pipeline` with everything that stands against it, a line each
 */
export function planRun(spec: PipelineSpec, stages: Stages, engine: boolean): readonly PlannedTask[] {
  const planned: PlannedTask[] = []
  const faults: string[] = []
  let fix: string | undefined
  walk(spec.root, '', [])
  if (faults.length > 0) {
    throw new PressroomError('invalid-pipeline', `${spec.pipelineInfo.name} cannot run on this machine`, {
      where: faults.join('\n  '),
      fix,
    })
  }
  return planned

  function walk(component: ComponentSpec, path: string, around: readonly ComponentSpec[]): void {
    const tasks = component.dag?.tasks ?? {}
    const order = orderTasks(tasks)
    const reached = new Set(order)
    for (const name of Object.keys(tasks)) {
      if (!reached.has(name)) faults.push(`${at(path, name)}: waits for itself, perhaps through others`)
    }
    for (const name of order) visit(name, tasks[name] as TaskSpec, [...around, component], at(path, name))
  }

  function visit(name: string, task: TaskSpec, around: readonly ComponentSpec[], path: string): void {
    const fault = (text: string) => faults.push(`${path}: ${text}`)
    for (const text of faultsOfTask(name, task, around.at(-1) ?? {}, spec.components ?? {})) fault(text)
    const component = spec.components?.[task.componentRef.name]
    if (component === undefined) return
    if (component.dag !== undefined) {
      if (around.includes(component)) fault('its component contains itself')
      else walk(component, path, around)
      return
    }
    const found = executorOf(spec, component, stages, engine)
    if ('stage' in found) planned.push({ task: path, name: task.taskInfo.name, stage: found.stage })
    else fault(found.fault)
    if ('foreign' in found) fix = NO_ENGINE
  }
}

type Found = { readonly stage: string } | { readonly fault: string; readonly foreign?: true }

/** Whether a specification names containers that are not our stages: these need an engine. */
export function needsEngine(spec: PipelineSpec, stages: Stages): boolean {
  return Object.values(spec.deploymentSpec?.executors ?? {}).some(({ container }) => {
    return container !== undefined && !stages.has(stageOfContainer(container, stages) ?? '')
  })
}

/** Who runs a component, or why nobody can here. */
function executorOf(spec: PipelineSpec, component: ComponentSpec, stages: Stages, engine: boolean): Found {
  const executor = spec.deploymentSpec?.executors[component.executorLabel ?? '']
  if (executor?.importer !== undefined) {
    const { artifactUri } = executor.importer
    const fault = 'constant' in artifactUri ? faultOfUri(artifactUri.constant) : undefined
    return fault === undefined ? { stage: 'importer' } : { fault }
  }
  if (executor?.container === undefined) return { fault: `there is no executor "${component.executorLabel}"` }
  const { image, command = [], args = [] } = executor.container
  const name = stageOfContainer(executor.container, stages)
  // Kubeflow knows these by their image, and starts nothing.
  if (image.startsWith('argostub/'))
    return { fault: 'it makes or deletes a Kubernetes volume; there are none here' }
  if (name === undefined) {
    const astray = Object.keys({
      ...component.outputDefinitions?.parameters,
      ...component.outputDefinitions?.artifacts,
    }).find(output => !FILE_NAME.test(output))
    if (astray !== undefined) return { fault: `its output "${astray}" cannot name a file` }
    // One that an input gives is looked at when it is known.
    const fault = image.startsWith('{{$.') ? undefined : faultOfImage(image)
    if (fault !== undefined) return { fault }
    if (engine) return { stage: image }
    return { fault: `it starts ${shorten([...command, ...args].join(' '), 60)} in ${image}`, foreign: true }
  }
  const stage = stages.get(name)
  if (stage === undefined) return { fault: `there is no stage "${name}" in this release` }
  const { inputDefinitions: inputs, outputDefinitions: outputs } = component
  const unknown = [
    ...Object.keys({ ...inputs?.parameters, ...inputs?.artifacts }).filter(key => !(key in stage.inputs)),
    ...Object.keys({ ...outputs?.parameters, ...outputs?.artifacts }).filter(key => !(key in stage.outputs)),
  ]
  return unknown.length === 0
    ? { stage: name }
    : { fault: `stage ${name} has no ${unknown.join(', ')}; compile the pipeline again with this release` }
}

function at(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`
}
