import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type AnyStage, schemaTitle } from '../../../components/definition/index.ts'
import { fileName } from '../../../components/faces/files.ts'
import { PressroomError } from '../../../core/errors.ts'
import type { ContainerSpec } from '../../specification.ts'
import type { CacheEntry } from './cache.ts'
import { cacheKey, givenKey } from './cache-key.ts'
import type { TaskCall } from './dag.ts'
import { restoreError } from './error-record.ts'
import { artifactUri, collect, executorInputOf } from './task-files.ts'
import type { TaskLog } from './task-log.ts'
import type { Job } from './types.ts'
import type { Work, WorkSetup } from './work.ts'

/** A stage of ours, in a worker process. */
export class StageWork implements Work {
  readonly by: string
  readonly artifacts: Work['artifacts']
  readonly #stage: AnyStage
  readonly #setup: WorkSetup
  readonly #call: TaskCall
  readonly #folder: string
  readonly #log: TaskLog
  readonly #env: Readonly<Record<string, string>>

  constructor(
    stage: AnyStage,
    container: ContainerSpec,
    setup: WorkSetup,
    call: TaskCall,
    folder: string,
    log: TaskLog,
  ) {
    this.by = stage.name
    this.artifacts = Object.fromEntries(
      Object.entries(stage.outputs).flatMap(([name, definition]) => {
        if (definition.role !== 'artifact') return []
        return [[name, { schemaTitle: schemaTitle(definition.type), schemaVersion: '0.0.1' }] as const]
      }),
    )
    this.#env = Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value]))
    this.#stage = stage
    this.#setup = setup
    this.#call = call
    this.#folder = folder
    this.#log = log
  }

  locate(artifact: string): string {
    const output = this.#stage.outputs[artifact]
    const name = output?.role === 'artifact' ? fileName(artifact, output.type) : artifact
    return artifactUri(this.#folder, name)
  }

  async key(): Promise<string | undefined> {
    const { code, env, home } = this.#setup
    if (this.#stage.effects !== undefined) return undefined
    const { inputs, task } = this.#call
    return (
      givenKey(this, task) ??
      cacheKey({ stage: this.#stage, code, inputs, env: { ...env, ...this.#env }, home })
    )
  }

  async run(stop: AbortSignal): Promise<CacheEntry> {
    const output = join(this.#folder, 'executor-output.json')
    const input = executorInputOf(this, this.#call.inputs, output)
    const job: Job = { stage: this.by, input, env: this.#env }
    await writeFile(join(this.#folder, 'executor-input.json'), `${JSON.stringify(input, null, 2)}\n`)
    const ending = await this.#setup.pool.run(job, (level, line) => this.#log.write(level, line), stop)
    if (ending.type === 'failed') throw restoreError(ending.error)
    if (ending.type === 'exit') {
      throw new PressroomError('stage-killed', `${this.by} ended with its process (${ending.how})`, {
        where: `its log: ${this.#log.path}`,
        fix: 'SIGKILL is often the machine running out of memory',
        cause: ending.cause,
      })
    }
    const metadata = (name: string) => ending.output.artifacts[name]?.artifacts[0].metadata ?? {}
    return collect(this, metadata, ending.output.parameterValues, ending.summary)
  }
}
