import type { ComponentSpec, PipelineSpec } from '../../../pipelines/specification.ts'

/** What becomes of a task; by its path, `condition-1/train`. */
export type Fate = 'succeeds' | 'fails' | 'driver-fails' | 'is-cached' | 'is-skipped' | 'waits'

interface Node {
  readonly displayName: string
  readonly name: string
  readonly start: number
  readonly end: number
  readonly state: 'SUCCEEDED' | 'FAILED' | 'SKIPPED' | undefined
  readonly children: readonly string[]
  /** An attempt of a pod: PENDING in its first tick. */
  readonly pod?: boolean
}

/** A run as Argo has it: grows with each tick, and stands still at its end. */
export interface Timeline {
  readonly details: (tick: number, terminated?: number) => Record<string, unknown>[]
  /** The tick of the end; Infinity for one that waits for ever. */
  readonly end: number
  readonly state: 'SUCCEEDED' | 'FAILED'
  /** Logs by node id. */
  readonly logs: ReadonlyMap<string, string>
  /** Node ids of pods by task path. */
  readonly pods: ReadonlyMap<string, string>
}

/**
 * The nodes that Kubeflow's compiler has Argo make of a specification, one task after the other: each task's driver for two
 * ticks, then its container for two. Names and ids are those of the recordings; conditions, loops over literals and nested
 * pipelines are followed.
 */
export function simulate(spec: PipelineSpec, workflow: string, fate: (task: string) => Fate): Timeline {
  const nodes: Node[] = []
  const logs = new Map<string, string>()
  const pods = new Map<string, string>()
  const id = (name: string) => `${workflow}-${fnv(name)}`
  let tick = 1
  let failed = false

  /** A node and its one attempt. */
  function tried(
    displayName: string,
    name: string,
    start: number,
    state: Node['state'],
    children: readonly string[],
    pod: boolean,
  ) {
    nodes.push({ displayName, name, start, end: tick, state, children: [`${name}(0)`] })
    nodes.push({
      displayName: `${displayName}(0)`,
      name: `${name}(0)`,
      start,
      end: tick,
      state,
      children,
      pod,
    })
  }

  function driver(parent: string, key: string, path: string): boolean {
    const start = tick
    const bad = fate(path) === 'driver-fails'
    tick += 2
    const name = `${parent}.${key}-driver`
    tried(`${key}-driver`, name, start, bad ? 'FAILED' : 'SUCCEEDED', [`${parent}.${key}`], true)
    const fatal =
      'F1121 07:57:21.100000      16 main.go:101] the resolved input parameter is null: s\ngoroutine 1 [running]:'
    logs.set(
      id(`${name}(0)`),
      `I1121 07:57:20.000000      16 main.go:139] Setting log level to: '1'\n${bad ? `${fatal}\n` : ''}`,
    )
    if (bad) unstarted(key)
    return !bad
  }

  function unstarted(key: string) {
    nodes.push({
      displayName: key,
      name: '',
      start: tick,
      end: Number.POSITIVE_INFINITY,
      state: undefined,
      children: [],
    })
  }

  function task(
    parent: string,
    key: string,
    component: ComponentSpec,
    iterations: number | undefined,
    path: string,
  ) {
    if (failed || tick === Number.POSITIVE_INFINITY) return unstarted(key)
    if (!driver(parent, key, path)) {
      failed = true
      return
    }
    const start = tick
    const name = `${parent}.${key}`
    const what = fate(path)
    if (what === 'is-skipped') {
      nodes.push({ displayName: key, name, start, end: tick, state: 'SKIPPED', children: [] })
    } else if (component.dag === undefined) {
      container(name, what, path)
      tried(key, name, start, failed ? 'FAILED' : 'SUCCEEDED', [`${name}(0).executor`], false)
    } else {
      const first =
        iterations === undefined
          ? dag(`${name}(0)`, component, path)
          : loop(`${name}(0)`, component, iterations, path)
      tried(key, name, start, failed ? 'FAILED' : 'SUCCEEDED', first, false)
    }
  }

  function container(name: string, what: Fate, path: string) {
    const start = tick
    const own = `${name}(0).executor`
    if (what === 'is-cached') {
      nodes.push({ displayName: 'executor', name: own, start, end: tick, state: 'SKIPPED', children: [] })
      return
    }
    tick += what === 'waits' ? Number.POSITIVE_INFINITY : 2
    if (what === 'fails') failed = true
    tried('executor', own, start, failed ? 'FAILED' : 'SUCCEEDED', [], true)
    pods.set(path, id(`${own}(0)`))
    const end = failed
      ? 'F1121 07:55:11.000000      15 main.go:175] failed to execute component: exit status 3'
      : 'I1121 07:55:11.000000      15 launcher_v2.go:206] publish success.'
    logs.set(
      id(`${own}(0)`),
      `I1121 07:55:09.062678      15 main.go:139] Setting log level to: '1'\n${path} works\n${failed ? 'boom: no such column\n' : ''}${end}\n`,
    )
  }

  function dag(name: string, component: ComponentSpec, path: string): string[] {
    const tasks = Object.entries(component.dag?.tasks ?? {})
    for (const [key, { componentRef, parameterIterator }] of tasks) {
      const items =
        parameterIterator && 'raw' in parameterIterator.items
          ? (JSON.parse(parameterIterator.items.raw) as unknown[]).length
          : undefined
      task(name, key, spec.components?.[componentRef.name] ?? {}, items, path === '' ? key : `${path}/${key}`)
    }
    return tasks.slice(0, 1).map(([key]) => `${name}.${key}-driver`)
  }

  function loop(name: string, component: ComponentSpec, count: number, path: string): string[] {
    const start = tick
    const all = `${name}.iteration-iterations`
    const each = Array.from({ length: count }, (_, i) => `${name}.iteration-iterations(${i}:${i})`)
    for (const [i, iteration] of each.entries()) {
      const item = `${iteration}(0).iteration-item`
      const first = dag(`${item}(0)`, component, `${path}/${i}`)
      tried('iteration-item', item, start, failed ? 'FAILED' : 'SUCCEEDED', first, false)
      tried(
        `iteration-iterations(${i}:${i})`,
        iteration,
        start,
        failed ? 'FAILED' : 'SUCCEEDED',
        [item],
        false,
      )
    }
    nodes.push({
      displayName: 'iteration-iterations',
      name: all,
      start,
      end: tick,
      state: failed ? 'FAILED' : 'SUCCEEDED',
      children: each,
    })
    return [all]
  }

  const top = `${workflow}(0)`
  const started = driver(top, 'root', '')
  if (started) {
    const start = tick
    // A platform document alone makes a run without any task.
    const first = dag(`${top}.root(0)`, spec.root ?? {}, '')
    tried('root', `${top}.root`, start, failed ? 'FAILED' : 'SUCCEEDED', first, false)
  } else failed = true
  const end = tick
  nodes.push({
    displayName: workflow,
    name: workflow,
    start: 1,
    end,
    state: failed ? 'FAILED' : 'SUCCEEDED',
    children: [top],
  })
  nodes.push({
    displayName: top,
    name: top,
    start: 1,
    end,
    state: failed ? 'FAILED' : 'SUCCEEDED',
    children: [`${top}.root-driver`],
  })

  return {
    end,
    state: failed ? 'FAILED' : 'SUCCEEDED',
    logs,
    pods,
    details: (now, terminated = Number.POSITIVE_INFINITY) =>
      nodes
        .filter(node => node.start <= Math.min(now, terminated))
        .map(node => {
          const over = now >= node.end
          const cut = !over && now > terminated
          const state = over
            ? node.state
            : cut
              ? 'FAILED'
              : node.pod && now === node.start
                ? 'PENDING'
                : node.pod && node.end === Number.POSITIVE_INFINITY
                  ? 'PENDING'
                  : 'RUNNING'
          const children = node.children
            .filter(child => nodes.some(each => each.name === child && each.start <= now))
            .map(child => ({ pod_name: id(child) }))
          return {
            run_id: '',
            task_id: crypto.randomUUID(),
            display_name: node.displayName,
            create_time: timeOf(node.start),
            start_time: timeOf(node.start),
            end_time: over || cut ? timeOf(Math.min(node.end, now)) : '0001-01-01T00:00:00Z',
            ...(node.name !== '' && state !== undefined && { state }),
            ...(children.length > 0 && { child_tasks: children }),
          }
        }),
  }
}

function timeOf(tick: number): string {
  return new Date(Date.UTC(2026, 10, 21, 8) + tick * 5000).toISOString().replace('.000', '')
}

/** FNV-1a of 32 bits, with whole numbers of any size: another way to write it than the runner's. */
function fnv(text: string): bigint {
  return Buffer.from(text).reduce(
    (hash, byte) => ((hash ^ BigInt(byte)) * 16777619n) % 2n ** 32n,
    2166136261n,
  )
}
