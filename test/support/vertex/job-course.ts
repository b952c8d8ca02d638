import type { ComponentSpec, PipelineSpec } from '../../../pipelines/specification.ts'

/** What becomes of a task; by its path, `condition-1/train`. */
export type Fate = 'succeeds' | 'fails' | 'is-cached' | 'is-not-triggered' | 'waits'

interface Step {
  readonly id: number
  readonly parent: number
  readonly name: string
  readonly start: number
  end: number
  state: string
  readonly error?: string
  readonly leaf: boolean
}

/** A job's way through time: ticks, at each of which it can be looked at. */
export interface Course {
  /** `PipelineTaskDetail`s at a tick; of a job that was cancelled, the tick of that. */
  details(tick: number, cancelledAt?: number): object[]
  /** The tick of the end; Infinity for one that waits for ever. */
  readonly end: number
  readonly failed: readonly string[]
}

const ROOT = 1000

/**
 * The tasks that Vertex AI makes of a specification, one after the other and two ticks each: PENDING, then RUNNING. The job
 * itself is listed as the parent of all others. How iterations of a loop are named is not published; here they repeat the
 * names of their tasks below the loop.
 */
export function planCourse(
  job: string,
  spec: PipelineSpec,
  fate: (path: string) => Fate,
  failFast: boolean,
): Course {
  const steps: Step[] = [
    {
      id: ROOT,
      parent: 0,
      name: job,
      start: 1,
      end: Number.POSITIVE_INFINITY,
      state: 'SUCCEEDED',
      leaf: false,
    },
  ]
  const failed: string[] = []
  let tick = 1

  function leaf(name: string, path: string, parent: number): boolean {
    const what = fate(path)
    const start = tick
    const instant = what === 'is-cached' || what === 'is-not-triggered'
    tick += what === 'waits' ? Number.POSITIVE_INFINITY : instant ? 0 : 2
    const state = {
      succeeds: 'SUCCEEDED',
      fails: 'FAILED',
      'is-cached': 'SKIPPED',
      'is-not-triggered': 'NOT_TRIGGERED',
      waits: 'RUNNING',
    }[what]
    const error =
      'The replica workerpool0-0 exited with a non-zero status of 1.\nTo find out more, look at the logs.'
    steps.push({
      id: ROOT + steps.length,
      parent,
      name,
      start,
      end: tick,
      state,
      leaf: true,
      ...(what === 'fails' && { error }),
    })
    if (what === 'fails') failed.push(name)
    return what === 'succeeds' || what === 'is-cached'
  }

  function dag(component: ComponentSpec, path: string, parent: number): boolean {
    const good = new Map<string, boolean>()
    const left = new Map(Object.entries(component.dag?.tasks ?? {}))
    while (left.size > 0) {
      const ready = [...left].find(([, { dependentTasks = [] }]) =>
        dependentTasks.every(name => !left.has(name)),
      )
      if (ready === undefined) break
      const [key, task] = ready
      left.delete(key)
      const always = task.triggerPolicy?.strategy === 'ALL_UPSTREAM_TASKS_COMPLETED'
      const upstream = (task.dependentTasks ?? []).every(name => good.get(name))
      if ((!upstream && !always) || (failFast && failed.length > 0) || tick === Number.POSITIVE_INFINITY) {
        good.set(key, false)
        continue
      }
      const called = spec.components?.[task.componentRef.name] ?? {}
      const below = path === '' ? key : `${path}/${key}`
      good.set(
        key,
        called.dag === undefined
          ? leaf(key, below, parent)
          : group(key, below, parent, called, task.parameterIterator?.items),
      )
    }
    return [...good.values()].every(Boolean)
  }

  function group(
    name: string,
    path: string,
    parent: number,
    component: ComponentSpec,
    items: object | undefined,
  ): boolean {
    const step: Step = {
      id: ROOT + steps.length,
      parent,
      name,
      start: tick,
      end: 0,
      state: 'SUCCEEDED',
      leaf: false,
    }
    steps.push(step)
    const count =
      items !== undefined && 'raw' in items ? (JSON.parse(String(items.raw)) as unknown[]).length : 1
    const before = failed.length
    if (fate(path) === 'is-not-triggered') {
      step.end = tick
      step.state = 'NOT_TRIGGERED'
      return false
    }
    for (let i = 0; i < count; i++) dag(component, path, step.id)
    const good = failed.length === before
    step.end = tick
    step.state = good ? 'SUCCEEDED' : 'FAILED'
    return good
  }

  dag(spec.root, '', ROOT)
  const [root] = steps
  if (root !== undefined)
    Object.assign(root, { end: tick, state: failed.length > 0 ? 'FAILED' : 'SUCCEEDED' })
  return {
    end: tick,
    failed,
    details: (now, cancelledAt = Number.POSITIVE_INFINITY) =>
      steps
        .filter(({ start }) => start <= Math.min(now, cancelledAt))
        .map(step => detailOf(step, now, cancelledAt)),
  }
}

function detailOf(step: Step, now: number, cancelledAt: number): object {
  const { id, parent, name, start, end, leaf, error } = step
  const over = end <= Math.min(now, cancelledAt)
  const cut = !over && now >= cancelledAt
  const waiting = leaf && now === start
  const state = over
    ? step.state
    : cut
      ? now > cancelledAt
        ? 'CANCELLED'
        : 'CANCELLING'
      : waiting
        ? 'PENDING'
        : 'RUNNING'
  const failed = state === 'FAILED' && error !== undefined
  const job = leaf && state !== 'SKIPPED' && state !== 'NOT_TRIGGERED'
  return {
    taskId: id,
    ...(parent !== 0 && { parentTaskId: parent }),
    taskName: name,
    createTime: timeOf(start),
    startTime: timeOf(start),
    ...(over && { endTime: timeOf(end) }),
    state,
    ...(failed && { error: { code: 9, message: error } }),
    ...(job && {
      executorDetail: { containerDetail: { mainJob: `projects/1/locations/europe-west4/customJobs/${id}7` } },
    }),
  }
}

function timeOf(tick: number): { readonly seconds: number } {
  return { seconds: Date.UTC(2026, 10, 27) / 1000 + tick * 5 }
}
