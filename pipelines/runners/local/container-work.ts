import { existsSync } from 'node:fs'
import { chmod, lstat, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { faultOf, parseText } from '../../../components/definition/check.ts'
import type { Json } from '../../../components/definition/index.ts'
import {
  type ExecutorInput,
  parseExecutorOutput,
  type WrittenOutput,
} from '../../../components/faces/executor.ts'
import { PressroomError } from '../../../core/errors.ts'
import { own } from '../../../core/object.ts'
import { digestBytes } from '../../../core/storage/digest.ts'
import { KINDS } from '../../parameter-types.ts'
import type { ContainerSpec, ParameterType } from '../../specification.ts'
import type { CacheEntry } from './cache.ts'
import { containerKey, givenKey } from './cache-key.ts'
import { commandLine } from './command-line.ts'
import type { TaskCall } from './dag.ts'
import { type Engine, faultOfImage, runContainer } from './engine.ts'
import { fillText, inputValue } from './expressions.ts'
import { artifactUri, collect, executorInputOf, outputsFolder, workspaceFolder } from './task-files.ts'
import type { TaskLog } from './task-log.ts'
import type { Values } from './types.ts'
import type { Work, WorkSetup } from './work.ts'

/**
 * A container, run by this machine's engine. Everything has the same path inside as outside, so that one executor input
 * is true in both; URIs are plain paths, as in the SDK's own local runs.
 */
export class ContainerWork implements Work {
  readonly by: string
  readonly artifacts: Work['artifacts']
  readonly #container: ContainerSpec
  readonly #setup: WorkSetup
  readonly #call: TaskCall
  readonly #folder: string
  readonly #log: TaskLog
  readonly #results: string
  #attempts = 0

  /** @throws PressroomError `invalid-pipeline` when the image is named by an input that has no value, or no image for one */
  constructor(container: ContainerSpec, setup: WorkSetup, call: TaskCall, folder: string, log: TaskLog) {
    const outputs = Object.entries(call.component.outputDefinitions?.artifacts ?? {})
    this.artifacts = Object.fromEntries(outputs.map(([name, { artifactType }]) => [name, artifactType]))
    this.by = fillText(container.image, name => inputValue(name, call.given.parameters))
    const fault = faultOfImage(this.by)
    if (fault !== undefined) throw new PressroomError('invalid-pipeline', fault)
    this.#container = { ...container, image: this.by }
    this.#setup = setup
    this.#call = call
    this.#folder = folder
    this.#log = log
    this.#results = join(folder, 'results')
  }

  locate(artifact: string): string {
    return artifactUri(this.#folder, artifact)
  }

  async key(): Promise<string> {
    const { task, inputs } = this.#call
    return givenKey(this, task) ?? containerKey(this.#container, inputs)
  }

  async run(stop: AbortSignal): Promise<CacheEntry> {
    const input = this.#executorInput()
    await writeFile(join(this.#folder, 'executor-input.json'), `${JSON.stringify(input, null, 2)}\n`)
    await rm(this.#results, { recursive: true, force: true })
    const workspace = workspaceFolder(this.#setup.record.folder)
    const writes = [outputsFolder(this.#folder), this.#results, ...(existsSync(workspace) ? [workspace] : [])]
    for (const folder of writes) {
      await mkdir(folder, { recursive: true })
      // For root the image chooses its user, who must be able to write here.
      if (process.getuid?.() === 0) await chmod(folder, 0o777)
    }
    const { command = [], args = [], env = [] } = this.#container
    const code = await runContainer(
      this.#setup.engine as Engine,
      {
        name: this.#name(),
        image: this.by,
        words: commandLine([...command, ...args], { input, constants: this.#call.constants }),
        env,
        reads: this.#reads(),
        writes,
      },
      (level, line) => this.#log.write(level, line),
      stop,
    )
    if (code !== 0) throw this.#failure(code)
    const output = await this.#output()
    const metadata = (name: string) => own(output.artifacts ?? {}, name)?.artifacts?.[0]?.metadata ?? {}
    return collect(this, metadata, await this.#parameters(output), 'done')
  }

  #executorInput(): ExecutorInput {
    const withPaths: Values['artifacts'] = Object.fromEntries(
      Object.entries(this.#call.inputs.artifacts).map(([name, artifacts]) => {
        return [name, artifacts.map(artifact => ({ ...artifact, uri: fileURLToPath(artifact.uri) }))]
      }),
    )
    const work = { artifacts: this.artifacts, locate: (name: string) => this.#path(name) }
    const inputs = { parameters: this.#call.inputs.parameters, artifacts: withPaths }
    const { outputs, ...rest } = executorInputOf(work, inputs, join(this.#results, 'executor-output.json'))
    const files = Object.keys(this.#call.component.outputDefinitions?.parameters ?? {}).map(name => {
      return [name, { outputFile: join(this.#results, name) }] as const
    })
    return { ...rest, outputs: { parameters: Object.fromEntries(files), ...outputs } }
  }

  #path(artifact: string): string {
    return fileURLToPath(this.locate(artifact))
  }

  /** Inputs that are there; several can be the same one. */
  #reads(): string[] {
    const artifacts = Object.values(this.#call.inputs.artifacts).flat()
    const present = artifacts.filter(({ digest }) => digest !== null)
    return [...new Set(present.map(({ uri }) => fileURLToPath(uri)))]
  }

  /** Engines share one list of names among all that use them. */
  #name(): string {
    const { id } = this.#setup.record
    const place = digestBytes(this.#folder).slice('sha256:'.length, 'sha256:'.length + 8)
    return `pressroom-${id}-${place}-${this.#attempts++}`
  }

  #failure(code: number): PressroomError {
    const { command } = this.#setup.engine as Engine
    const name = basename(this.#call.path)
    const what =
      code === 125
        ? `${command} could not run ${this.by} for ${name}`
        : `${name} ended with exit code ${code} in ${this.by}`
    return new PressroomError(code === 137 ? 'stage-killed' : 'stage-failed', what, {
      where: `its log: ${this.#log.path}`,
      fix: code === 137 ? 'that is SIGKILL: often the machine running out of memory' : undefined,
    })
  }

  /** A file that the container wrote. A link would lead to what only this user may read, so it counts for nothing. */
  async #result(name: string): Promise<string | undefined> {
    const path = join(this.#results, name)
    const found = await lstat(path).catch(() => undefined)
    return found?.isFile() ? readFile(path, 'utf8') : undefined
  }

  /** The executor output that the container wrote; one that writes only files needs none. */
  async #output(): Promise<WrittenOutput> {
    const text = (await this.#result('executor-output.json')) ?? '{}'
    try {
      const output = parseExecutorOutput(text)
      for (const name of Object.keys(this.artifacts)) {
        const uri = own(output.artifacts ?? {}, name)?.artifacts?.[0]?.uri
        if (uri === undefined || uri === this.#path(name)) continue
        throw new Error(`it put the artifact "${name}" elsewhere: ${uri}`)
      }
      return output
    } catch (cause) {
      throw new PressroomError('stage-failed', `${basename(this.#call.path)} wrote a wrong executor output`, {
        where: (cause as Error).message,
        cause,
      })
    }
  }

  /** What the container wrote of the parameters that it declares, each in the executor output or in its own file. */
  async #parameters({ parameterValues = {} }: WrittenOutput): Promise<Record<string, Json>> {
    const values: Record<string, Json> = {}
    const faults: string[] = []
    const declared = Object.entries(this.#call.component.outputDefinitions?.parameters ?? {})
    for (const [name, { parameterType }] of declared) {
      const text = await this.#result(name)
      const value = own(parameterValues, name) ?? (text === undefined ? undefined : read(parameterType, text))
      const fault = value === undefined ? 'was not written' : faultOfOutput(parameterType, value)
      if (fault === undefined) values[name] = value as Json
      else faults.push(`"${name}" ${fault}`)
    }
    if (faults.length === 0) return values
    throw new PressroomError('stage-failed', `${basename(this.#call.path)} did not give what it declares`, {
      where: faults.join('\n  '),
    })
  }
}

function read(type: ParameterType, text: string): Json {
  return type === 'STRING' ? text : parseText(KINDS[type] ?? 'struct', text.trim())
}

function faultOfOutput(type: ParameterType, value: Json): string | undefined {
  const kind = KINDS[type]
  // Text may be empty here: nobody typed it.
  if (kind === 'string') return typeof value === 'string' ? undefined : 'must be text'
  return kind && faultOf({ kind }, value)
}
