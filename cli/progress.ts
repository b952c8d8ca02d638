import { clearLine, cursorTo } from 'node:readline'
import type { RunEvent } from '../pipelines/runners/local/index.ts'
import { seconds, styled } from './output.ts'

const MARKS = {
  succeeded: ['green', '✓'],
  cached: ['green', '✓'],
  skipped: ['dim', '–'],
  failed: ['red', '✗'],
  cancelled: ['yellow', '✗'],
} as const

/** Shows what happens as lines: one for each finished task, and on a terminal one more that says what is running. */
export interface Progress extends Disposable {
  onEvent(event: RunEvent): void
  /** A finished line of the same shape, for steps that are not tasks. */
  done(name: string, summary: string, took: string): void
  /** A step that is not a task began; it is shown as running until `done`. */
  begin(name: string): void
  /** Any other text, kept clear of the running line. */
  print(text: string): void
}

/** Progress on a stream, standard output in general. */
export function showProgress(stream: NodeJS.WriteStream = process.stdout): Progress {
  const running = new Map<string, number>()
  const names = new Map<string, string>()
  let width = 10
  const timer = stream.isTTY ? setInterval(draw, 100) : undefined
  timer?.unref()

  function erase() {
    if (!stream.isTTY) return
    cursorTo(stream, 0)
    clearLine(stream, 0)
  }
  function draw() {
    erase()
    const parts = [...running].map(
      ([name, since]) => `${name} ${seconds((performance.now() - since) / 1000)}`,
    )
    if (stream.isTTY && parts.length > 0) stream.write(styled('dim', `  … ${parts.join(', ')}`, stream))
  }
  function print(text: string) {
    erase()
    stream.write(`${text}\n`)
    draw()
  }
  function line(mark: string, name: string, summary: string, took: string) {
    print(`  ${mark} ${name.padEnd(width)} ${summary}  ${styled('dim', took, stream)}`)
  }

  return {
    onEvent(event) {
      if (event.type === 'run-started') {
        for (const { task, name } of event.tasks) names.set(task, name)
        width = Math.max(width, ...event.tasks.map(({ name }) => name.length))
        print(`${styled('bold', event.pipeline, stream)} · local · run ${event.run}`)
      }
      if (event.type === 'task-started') running.set(names.get(event.task) ?? event.task, performance.now())
      if (event.type === 'task-log' && event.level === 'warn')
        print(`    ${styled('yellow', event.line, stream)}`)
      if (event.type === 'task-finished') {
        const name = names.get(event.task) ?? event.task
        running.delete(name)
        const [style, mark] = MARKS[event.state]
        const took = event.state === 'cached' ? 'reused' : event.seconds > 0 ? seconds(event.seconds) : ''
        line(styled(style, mark, stream), name, firstLine(event.summary), took)
      }
    },
    begin(name) {
      running.set(name, performance.now())
    },
    done(name, summary, took) {
      running.delete(name)
      line(styled('green', '✓', stream), name, summary, took)
    },
    print,
    [Symbol.dispose]() {
      clearInterval(timer)
      running.clear()
      erase()
    },
  }
}

/** The whole message of a failure comes at the end of the run; its line only says which. */
function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}
