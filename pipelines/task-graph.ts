import type { TaskSpec } from './specification.ts'

type Tasks = Readonly<Record<string, TaskSpec>>

/** The tasks that must end before this one: those it names, and those whose outputs it takes. */
export function dependenciesOf(task: TaskSpec): string[] {
  const { parameters = {}, artifacts = {} } = task.inputs ?? {}
  const producers = [...Object.values(parameters), ...Object.values(artifacts)].flatMap(source => {
    if ('taskOutputParameter' in source) return [source.taskOutputParameter.producerTask]
    if ('taskOutputArtifact' in source) return [source.taskOutputArtifact.producerTask]
    if ('taskFinalStatus' in source) return [source.taskFinalStatus.producerTask]
    return []
  })
  return [...new Set([...(task.dependentTasks ?? []), ...producers])]
}

/**
 * The names of a DAG's tasks, each after those it depends on; those on a cycle or behind one are left out.
 * Dependencies that are not among the tasks do not count.
 */
export function orderTasks(tasks: Tasks): string[] {
  const waiting = new Map<string, number>()
  const followers = new Map<string, string[]>(Object.keys(tasks).map(name => [name, []]))
  for (const [name, task] of Object.entries(tasks)) {
    const dependencies = dependenciesOf(task).filter(dependency => followers.has(dependency))
    waiting.set(name, dependencies.length)
    for (const dependency of dependencies) followers.get(dependency)?.push(name)
  }
  const order = Object.keys(tasks).filter(name => waiting.get(name) === 0)
  // The list grows while it is walked: a task joins it when the last one before it has been passed.
  for (const name of order) {
    for (const follower of followers.get(name) ?? []) {
      const left = (waiting.get(follower) ?? 0) - 1
      waiting.set(follower, left)
      if (left === 0) order.push(follower)
    }
  }
  return order
}

/**
 * Whether a task is the exit task of an exit handler: it runs when the group has ended, however that was. The SDK's name
 * for the group is all that tells it from a task that ignores upstream failures.
 */
export function isExitTask(task: TaskSpec): boolean {
  const anyway = task.triggerPolicy?.strategy === 'ALL_UPSTREAM_TASKS_COMPLETED'
  return anyway && dependenciesOf(task).some(name => /^exit-handler-\d+$/.test(name))
}

/** The tasks that no other depends on, exit tasks aside: by these a DAG succeeds or fails. */
export function lastTasks(tasks: Tasks): string[] {
  const followers = Object.values(tasks).filter(task => !isExitTask(task))
  const followed = new Set(followers.flatMap(dependenciesOf))
  return Object.keys(tasks).filter(name => !followed.has(name))
}
