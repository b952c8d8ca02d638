import { clearLine, cursorTo } from 'node:readline'
import { shorten } from '../core/report/shorten.ts'
import type { RunEvent } from '../pipelines/runners/local/index.ts'
import { seconds, styled } from './output.ts'
import { type Line, ProgressTree } from './progress-tree.ts'

const MARKS = {
  succeeded: ['green', '✓'],
  cached: ['green', '✓'],
  skipped: ['dim', '–'],
  failed: ['red', '✗'],
  cancelled: ['yellow', '✗'],
} as const

const INDENT = '  '

/**
 * Shows what happens as lines: one for each finished task, under the groups it is in, and on a terminal one more that says
 * what is running.
 */
export interface Progress extends Disposable {
  onEvent(event: RunEvent): void
  /** A finished line of the same shape, for steps that are not tasks. */
  done(name: string, summary: string, took: string): void
  /** A step that is not a task began; it is shown as running until `done`. */
  begin(name: string): void
  /** Any other text, kept clear of the running line. */
  print(text: string): void
}

/**
 * Progress on a stream, standard output in general.
 * @param options `logs`: whether all that tasks print is shown, not only their warnings
 */
export function showProgress(
  stream: NodeJS.WriteStream = process.stdout,
  options: { readonly logs?: boolean } = {},
): Progress {
  const tree = new ProgressTree(() => performance.now())
  const steps = new Map<string, number>()
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
    const now = [...steps].map(([what, began]) => ({ what, seconds: (performance.now() - began) / 1000 }))
    const parts = [...tree.running(), ...now].map(each => `${each.what} ${seconds(each.seconds)}`)
    if (!stream.isTTY || parts.length === 0) return
    // A line that wraps could not be erased.
    stream.write(styled('dim', shorten(`  … ${parts.join(', ')}`, Math.max(20, stream.columns - 1)), stream))
  }
  function print(text: string) {
    erase()
    stream.write(`${text}\n`)
    draw()
  }
  function line(mark: string, name: string, summary: string, took: string, depth = 0) {
    const indent = INDENT.repeat(depth)
    print(`${indent}  ${mark} ${name.padEnd(width)} ${summary}  ${styled('dim', took, stream)}`)
  }
  function showLog({ task, level, line: text }: Extract<RunEvent, { type: 'task-log' }>) {
    if (options.logs) {
      // Tasks print at the same time; each line says whose it is.
      const whose = styled('dim', `${task} |`, stream)
      return print(`    ${whose} ${level === 'warn' ? styled('yellow', text, stream) : text}`)
    }
    if (level === 'warn' && !tree.isBrief(task)) print(`    ${styled('yellow', text, stream)}`)
  }
  function show(shown: Line) {
    if ('heading' in shown)
      return print(`${INDENT.repeat(shown.depth)}  ${styled('dim', shown.heading, stream)}`)
    if (shown.state === 'pending' || shown.state === 'running') return
    const [style, mark] = MARKS[shown.state]
    const took = shown.state === 'cached' ? 'reused' : shown.seconds > 0 ? seconds(shown.seconds) : ''
    line(styled(style, mark, stream), shown.name, firstLine(shown.summary), took, shown.depth)
  }

  return {
    onEvent(event) {
      if (event.type === 'run-started') {
        width = Math.max(width, ...event.tasks.map(({ name }) => name.length))
        print(`${styled('bold', event.pipeline, stream)} · ${event.place ?? 'local'} · run ${event.run}`)
      }
      if (event.type === 'task-log') showLog(event)
      for (const shown of tree.take(event)) show(shown)
    },
    begin(name) {
      steps.set(name, performance.now())
    },
    done(name, summary, took) {
      steps.delete(name)
      line(styled('green', '✓', stream), name, summary, took)
    },
    print,
    [Symbol.dispose]() {
      clearInterval(timer)
      erase()
    },
  }
}

/** The whole message of a failure comes at the end of the run; its line only says which. */
function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}
