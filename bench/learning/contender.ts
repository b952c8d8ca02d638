import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import { type Command, cleanEnvironment } from '../measure.ts'

/** What a contender answers: what its work was to take, by its own clock, and something that both sides must agree on. */
export interface Answer {
  /** Processor time of the work in milliseconds, of all the process's threads. */
  readonly cpu: number
  readonly wall: number
  /** The most memory that the process has held, in bytes. */
  readonly peak: number
  /** Figures of the result: rows, columns, entries. */
  readonly result: readonly number[]
}

/**
 * A process that keeps its rows loaded and does a piece of work whenever it is asked: a line of JSON in, a line of JSON out.
 * Both sides speak the same protocol, so that neither start-up nor reading is in a figure that is about neither.
 */
export class Contender implements Disposable {
  readonly #child: ChildProcess
  readonly #lines: Interface
  readonly #answers: AsyncIterator<string>
  readonly #name: string
  #said = ''

  constructor(name: string, { program = process.execPath, args, env }: Command) {
    this.#name = name
    this.#child = spawn(program, args, {
      env: { ...cleanEnvironment(), ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#child.stderr!.setEncoding('utf8').on('data', text => {
      this.#said += text
    })
    this.#lines = createInterface(this.#child.stdout!)
    this.#answers = this.#lines[Symbol.asyncIterator]()
  }

  /** @throws Error with what the process printed, when it ends instead */
  async ask(work: string): Promise<Answer> {
    this.#child.stdin!.write(`${JSON.stringify({ work })}\n`)
    const { value, done } = await this.#answers.next()
    if (done) throw new Error(`${this.#name} ended at ${work}\n${this.#said}`)
    return JSON.parse(value)
  }

  [Symbol.dispose](): void {
    this.#lines.close()
    this.#child.stdin!.end()
    this.#child.kill()
  }
}
