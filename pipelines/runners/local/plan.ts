import type { AnyStage } from '../../../components/definition/index.ts'
import { stageOfContainer } from '../../../components/image.ts'
import { PressroomError } from '../../../core/errors.ts'
import type { ComponentSpec, PipelineSpec, TaskSpec } from '../../specification.ts'
import { faultsOfTask } from './check-task.ts'
import { orderTasks } from './graph.ts'

/** A task with a container, wherever it stands. */
export interface PlannedTask {
  readonly task: string
  readonly name: string
  readonly stage: string
}

type Stages = ReadonlyMap<string, AnyStage>

/**
 * Says which tasks a specification holds, in an order they can run in, after making sure that all of it can run here.
 * @throws PressroomError `invalid-pipeline` with everything that stands against it, a line each
 */
export function planRun(spec: PipelineSpec, stages: Stages): readonly PlannedTask[] {
  const planned: PlannedTask[] = []
  const faults: string[] = []
  walk(spec.root, '', [])
  if (faults.length > 0) {
    throw new PressroomError('invalid-pipeline', `${spec.pipelineInfo.name} cannot run on this machine`, {
      where: faults.join('\n  '),
    })
  }
  return planned

  function walk(component: ComponentSpec, path: string, around: readonly ComponentSpec[]): void {
    const tasks = component.dag?.tasks ?? {}
    const order = orderTasks(tasks)
    for (const name of Object.keys(tasks)) {
      if (!order.includes(name)) faults.push(`${at(path, name)}: waits for itself, perhaps through others`)
    }
    for (const name of order) visit(name, tasks[name] as TaskSpec, component, at(path, name), around)
  }

  function visit(
    name: string,
    task: TaskSpec,
    parent: ComponentSpec,
    path: string,
    around: readonly ComponentSpec[],
  ): void {
    const component = spec.components?.[task.componentRef.name]
    const own = faultsOfTask(name, task, parent, spec.components ?? {})
    if (component?.dag === undefined) {
      const stage = component && stageOf(spec, component, stages)
      if (typeof stage === 'object') planned.push({ task: path, name: task.taskInfo.name, stage: stage.name })
      else if (stage !== undefined) own.push(stage)
    } else if ([...around, parent].includes(component)) own.push('its component contains itself')
    else walk(component, path, [...around, parent])
    faults.push(...own.map(fault => `${path}: ${fault}`))
  }
}

function at(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`
}

/** The stage that a component runs, or why it cannot run here. */
function stageOf(spec: PipelineSpec, component: ComponentSpec, stages: Stages): { name: string } | string {
  const executor = spec.deploymentSpec?.executors[component.executorLabel ?? '']
  if (executor?.importer !== undefined) return 'importers do not run on this machine yet'
  if (executor?.container === undefined) return `there is no executor "${component.executorLabel}"`
  const { image, command = [], args = [] } = executor.container
  const name = stageOfContainer(executor.container)
  const stage = name === undefined ? undefined : stages.get(name)
  if (stage === undefined) {
    const started = [...command, ...args].join(' ')
    const what =
      name === undefined ? `it starts ${shorten(started)} in ${image}` : `there is no stage "${name}" here`
    return `${what}; only Pressroom's stages run on this machine, never a command that a file names`
  }
  const { inputDefinitions: inputs, outputDefinitions: outputs } = component
  const unknown = [
    ...Object.keys({ ...inputs?.parameters, ...inputs?.artifacts }).filter(key => !(key in stage.inputs)),
    ...Object.keys({ ...outputs?.parameters, ...outputs?.artifacts }).filter(key => !(key in stage.outputs)),
  ]
  return unknown.length === 0
    ? { name: stage.name }
    : `stage ${stage.name} has no ${unknown.join(', ')}; compile the pipeline again with this release`
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}
