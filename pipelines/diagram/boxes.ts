import { shorten } from '../../core/report/shorten.ts'
import type { ComponentSpec, PipelineSpec, TaskSpec } from '../specification.ts'
import { dependenciesOf } from '../task-graph.ts'

/** A pipeline as it is drawn: tasks, and groups as boxes around theirs. */
export interface Box {
  /** Unique in the diagram: `t1`, `t2`, … in the order of the specification. */
  readonly id: string
  /** Its name after those of the groups around it and a `/` each, empty for the pipeline. */
  readonly path: string
  /** What people read first: a task's name. */
  readonly title: string
  /** What is said below: a group's condition or what its loop goes over, empty for none. */
  readonly detail: string
  /** Undefined for a task. */
  readonly members: readonly Box[] | undefined
  /** Between members: the second waits for the first. */
  readonly edges: readonly (readonly [from: Box, to: Box])[]
}

/** Characters of a condition or of a literal list that are shown. */
const WIDEST_DETAIL = 60

/** The boxes of a pipeline; the outermost is the pipeline itself. */
export function boxesOf(spec: PipelineSpec): Box {
  let last = 0
  return group('t0', '', spec.pipelineInfo.displayName ?? spec.pipelineInfo.name, '', spec.root)

  function group(id: string, path: string, title: string, detail: string, component: ComponentSpec): Box {
    const tasks = component.dag?.tasks ?? {}
    const members = new Map(
      Object.entries(tasks).map(([name, task]) => [name, member(path, name, task, earlier(name, tasks))]),
    )
    const edges = Object.entries(tasks).flatMap(([name, task]) => {
      return dependenciesOf(task).flatMap(other => {
        const from = members.get(other)
        return from === undefined ? [] : [[from, members.get(name)!] as const]
      })
    })
    return { id, path, title, detail, members: [...members.values()], edges }
  }

  function member(around: string, name: string, task: TaskSpec, branches: number): Box {
    last += 1
    const id = `t${last}`
    const path = around === '' ? name : `${around}/${name}`
    const title = task.taskInfo?.name ?? name
    const component = spec.components?.[task.componentRef.name]
    const detail = shorten(detailOf(task, branches), WIDEST_DETAIL)
    if (component?.dag !== undefined) return group(id, path, title, detail, component)
    return { id, path, title, detail, members: undefined, edges: [] }
  }
}

function detailOf(
  { triggerPolicy, parameterIterator, artifactIterator }: TaskSpec,
  branches: number,
): string {
  if (triggerPolicy?.condition !== undefined) {
    const own = conjuncts(triggerPolicy.condition).slice(branches).join(' && ')
    return own === '' ? 'else' : `${branches > 0 ? 'else if' : 'if'} ${plain(own)}`
  }
  if (artifactIterator !== undefined) return `for each of ${plain(artifactIterator.items.inputArtifact)}`
  if (parameterIterator !== undefined) {
    const { items } = parameterIterator
    return `for each of ${'raw' in items ? items.raw : plain(items.inputParameter)}`
  }
  return triggerPolicy?.strategy === 'ALL_UPSTREAM_TASKS_COMPLETED' ? 'even after a failure' : ''
}

/**
 * How many branches of its chain come before a task; 0 for what is no branch. Compilers write the negation of each
 * before a branch's own condition, and number the branches in their order.
 */
function earlier(name: string, tasks: Readonly<Record<string, TaskSpec>>): number {
  const number = branchNumber(name, tasks[name]!)
  if (number === undefined) return 0
  const before = Object.entries(tasks).filter(
    ([other, task]) => (branchNumber(other, task) ?? number) < number,
  )
  const { length } = before
  const negated = conjuncts(tasks[name]?.triggerPolicy?.condition ?? '').filter(part => part.startsWith('!('))
  return negated.length >= length ? length : 0
}

function branchNumber(name: string, { triggerPolicy }: TaskSpec): number | undefined {
  const [, number] = /^condition-(\d+)$/.exec(name) ?? []
  return number === undefined || triggerPolicy?.condition === undefined ? undefined : Number(number)
}

/** The parts of an expression that && joins outside parentheses. */
function conjuncts(expression: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let i = 0; i < expression.length; i++) {
    if (expression[i] === '(') depth += 1
    if (expression[i] === ')') depth -= 1
    if (depth === 0 && expression.startsWith(' && ', i)) {
      parts.push(expression.slice(start, i))
      start = i + 4
    }
  }
  return [...parts, expression.slice(start)]
}

/** An expression without the specification's own prefixes. */
function plain(expression: string): string {
  return expression
    .replaceAll(/inputs\.parameter_values\['([^']*)'\]/g, '$1')
    .replaceAll('pipelinechannel--', '')
    .replaceAll(/\b(?:int|double)\(([\w-]+)\)/g, '$1')
}
