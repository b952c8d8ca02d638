import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFailure } from '../../../core/storage/failures.ts'
import type { LogLevel } from './types.ts'

/**
 * A task's `log.txt`: a line each of time (ISO 8601), level and text. The file is open only while something is written:
 * many tasks can wait for their turn with a log.
 */
export class TaskLog {
  readonly path: string
  readonly #onLine: (level: LogLevel, line: string) => void
  #pending = ''
  #writing: Promise<void> | undefined

  /** @param folder the task's own; it is there when the first line comes */
  constructor(folder: string, onLine: (level: LogLevel, line: string) => void) {
    this.path = join(folder, 'log.txt')
    this.#onLine = onLine
  }

  /** Adds a line and tells of it. */
  write(level: LogLevel, line: string): void {
    this.note(level, line)
    this.#onLine(level, line)
  }

  /** Adds text that is told in another way, too. */
  note(level: LogLevel, text: string): void {
    this.#pending += `${new Date().toISOString()} ${level} ${text}\n`
    this.#writing ??= this.#write()
    // Looked at when the log is closed.
    this.#writing.catch(() => {})
  }

  /**
   * Waits until all is written.
   * @throws PressroomError `not-writable` when it could not be
   */
  async close(): Promise<void> {
    await this.#writing
  }

  async #write(): Promise<void> {
    while (this.#pending !== '') {
      const text = this.#pending
      this.#pending = ''
      await appendFile(this.path, text).catch(error => {
        throw writeFailure(error, this.path)
      })
    }
    this.#writing = undefined
  }
}
